import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "@/lib/cn";

export interface FieldProps extends ComponentProps<"input"> {
  label: string;
  hint?: string;
  error?: string | null;
  /** Stands inside of the field, at its end. */
  after?: ReactNode;
}

/** A labelled input whose hint and error are read together with it. */
export function Field({ label, hint, error, after, className, ...input }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-text">
        {label}
      </label>
      <div className="relative">
        <input
          {...input}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          className={cn(
            "h-11 w-full rounded-md border bg-raised px-3.5 text-base text-text outline-none transition-[border-color,box-shadow] duration-150",
            "focus:border-focus focus:shadow-[0_0_0_3px_color-mix(in_srgb,var(--focus)_22%,transparent)]",
            error ? "border-danger" : "border-line-strong hover:not-focus:border-text-3",
            after != null && "pr-11",
          )}
        />
        {after && <div className="absolute inset-y-0 right-1 flex items-center">{after}</div>}
      </div>
      {note && (
        <p
          key={error ? "error" : "hint"}
          id={`${id}-note`}
          role={error ? "alert" : undefined}
          className={cn("mt-1.5 text-sm", error ? "text-danger" : "text-text-3")}
        >
          {note}
        </p>
      )}
    </div>
  );
}
