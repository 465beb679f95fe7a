import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const TONES = {
  neutral: "bg-sunken text-text-2",
  accent: "bg-accent-soft text-accent-text",
  warn: "bg-warn-soft text-warn",
};

export function Badge({
  tone = "neutral",
  children,
}: {
  tone?: keyof typeof TONES;
  children: ReactNode;
}) {
  return (
    <span
      className={cn(
        "inline-flex h-[1.15rem] shrink-0 items-center rounded-full px-1.5 text-[0.6875rem] font-medium leading-none",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}
