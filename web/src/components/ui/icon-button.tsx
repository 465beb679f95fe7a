import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export interface IconButtonProps extends Omit<ComponentProps<"button">, "aria-label"> {
  /** What it does: its accessible name and its tooltip. */
  label: string;
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      aria-label={label}
      className={cn(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-sm text-base text-text-2 transition-colors duration-150 hover:not-disabled:bg-hover hover:not-disabled:text-text disabled:opacity-40 data-popup-open:bg-hover pointer-coarse:size-10",
        className,
      )}
    >
      {children}
    </button>
  );
}
