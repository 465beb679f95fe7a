import type { ReactNode } from "react";
import { AlertIcon } from "@/components/ui/icons";
import { cn } from "@/lib/cn";

const TONES = {
  danger: "text-danger",
  warn: "text-warn",
  neutral: "text-text-3",
};

/** A sentence about something that went wrong, with the ways on beside it. */
export function Notice({
  tone = "danger",
  children,
  actions,
  className,
}: {
  tone?: keyof typeof TONES;
  children: ReactNode;
  actions?: ReactNode;
  className?: string;
}) {
  return (
    <div
      role="alert"
      className={cn(
        "animate-appear rounded-lg border border-line-strong bg-raised px-3.5 py-3 text-sm",
        className,
      )}
    >
      <div className="flex gap-2.5">
        <AlertIcon className={cn("mt-[0.12em]", TONES[tone])} />
        <div className="min-w-0 flex-1">
          <div className="break-words">{children}</div>
          {actions && <div className="mt-2.5 flex flex-wrap gap-2">{actions}</div>}
        </div>
      </div>
    </div>
  );
}
