import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { SearchIcon } from "@/components/ui/icons";

/** A filter lives in the address: it can be sent to a colleague, and the back button takes it back. */
export function useFilter<Name extends string>() {
  const navigate = useNavigate();
  const found: object = useSearch({ strict: false });
  const search = found as Partial<Record<Name, unknown>>;
  const get = (name: Name) => {
    const value = search[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const set = (name: Name, value: string) =>
    void navigate({
      to: ".",
      search: ((before: Record<string, unknown>) => ({
        ...before,
        [name]: value === "" ? undefined : value,
      })) as never,
      replace: true,
    });
  return { get, set };
}

/** Searches shortly after the last key. */
export function SearchBox({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text.trim()), 350);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <span className="relative flex min-w-0 flex-[1_1_14rem] items-center">
      <SearchIcon className="pointer-events-none absolute left-3 text-text-3" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        maxLength={255}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        className="h-9 w-full min-w-0 rounded-md border border-line-strong bg-raised pr-3 pl-9 text-sm text-text hover:border-text-3 pointer-coarse:h-11"
      />
    </span>
  );
}

export function DateBox({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <label className="flex items-center gap-1.5 text-sm text-text-3">
      {label}
      <input
        type="date"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-9 rounded-md border border-line-strong bg-raised px-2 text-sm text-text hover:border-text-3 pointer-coarse:h-11"
      />
    </label>
  );
}
