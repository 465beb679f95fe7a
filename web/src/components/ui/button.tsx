import type { ComponentProps } from "react";
import { Spinner } from "@/components/ui/spinner";
import { cn } from "@/lib/cn";

const VARIANTS = {
  primary: "bg-accent text-on-accent hover:not-disabled:bg-accent-hover",
  quiet: "text-text-2 hover:not-disabled:bg-hover hover:not-disabled:text-text",
  outline: "border border-line-strong bg-raised text-text hover:not-disabled:bg-hover",
  danger: "bg-danger text-on-danger hover:not-disabled:opacity-90",
};
const SIZES = {
  sm: "h-8 gap-1.5 rounded-sm px-2.5 text-sm pointer-coarse:h-10",
  md: "h-10 gap-2 rounded-md px-4 text-base pointer-coarse:h-11",
};

export interface ButtonProps extends ComponentProps<"button"> {
  variant?: keyof typeof VARIANTS;
  size?: keyof typeof SIZES;
  /** Shows that it is working and refuses further presses; focus stays. */
  busy?: boolean;
}

export function Button({
  variant = "outline",
  size = "md",
  busy = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={cn(
        "inline-flex shrink-0 select-none items-center justify-center font-medium transition-colors duration-150 disabled:opacity-45",
        VARIANTS[variant],
        SIZES[size],
        className,
      )}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}
