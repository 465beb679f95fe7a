import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

/** A choice of one out of a few, all of them in view. Native radio buttons: arrow keys come for free. */
export function Segmented<T extends string>({
  label,
  name,
  value,
  options,
  onChange,
}: {
  label: string;
  name: string;
  value: T;
  options: { value: T; label: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className="flex flex-wrap gap-0.5 rounded-md bg-sunken p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={cn(
            "relative flex h-8 cursor-pointer select-none items-center gap-1.5 rounded-sm px-3 text-sm has-focus-visible:outline-2 has-focus-visible:outline-focus pointer-coarse:h-10",
            option.value === value
              ? "bg-raised font-medium text-text shadow-raised"
              : "text-text-2 hover:text-text",
          )}
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="absolute inset-0 cursor-pointer appearance-none outline-none"
          />
          {option.icon}
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
