import type { ComponentProps } from "react";
import { ChevronDownIcon } from "@/components/ui/icons";
import { cn } from "@/lib/cn";

/** The browser's own list of choices, which every phone and screen reader knows, in our clothes. */
export function Select({
  label,
  className,
  ...rest
}: ComponentProps<"select"> & { label: string }) {
  return (
    <span className={cn("relative inline-flex max-w-full", className)}>
      <select
        {...rest}
        aria-label={label}
        className="h-9 w-full min-w-0 appearance-none truncate rounded-md border border-line-strong bg-raised pr-9 pl-3 text-sm text-text hover:border-text-3 pointer-coarse:h-11"
      />
      <ChevronDownIcon className="pointer-events-none absolute top-1/2 right-3 -translate-y-1/2 text-text-3" />
    </span>
  );
}
