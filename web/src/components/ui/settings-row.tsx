import { type ReactNode, useId } from "react";

/** A part of the settings. */
export function SettingsSection({
  id,
  title,
  lead,
  children,
}: {
  id: string;
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}) {
  const heading = useId();
  return (
    <section id={id} aria-labelledby={heading} className="scroll-mt-4">
      <h2 id={heading} className="text-lg font-semibold tracking-tight">
        {title}
      </h2>
      {lead && <p className="mt-1 text-sm text-text-2">{lead}</p>}
      <div className="mt-3 divide-y divide-line rounded-lg border border-line bg-raised">
        {children}
      </div>
    </section>
  );
}

/** One setting: what it is, and what it is set to. */
export function SettingsRow({
  title,
  hint,
  children,
}: {
  title: string;
  hint?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-[1_1_12rem]">
        <p className="text-base">{title}</p>
        {hint && <p className="text-sm text-text-3">{hint}</p>}
      </div>
      {children}
    </div>
  );
}
