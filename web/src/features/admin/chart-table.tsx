import { useState } from "react";
import type { Series } from "@/features/admin/chart-marks";

/** The numbers of a chart, for whoever cannot or will not look at a drawing. */
export function Numbers({
  title,
  labels,
  series,
  format,
  summary,
}: {
  title: string;
  labels: string[];
  series: Series[];
  format: (value: number) => string;
  summary: string;
}) {
  const [open, setOpen] = useState(false);
  return (
    <details className="mt-1 text-xs" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="inline-block cursor-pointer rounded-sm text-text-3 hover:text-text">
        {summary}
        <span className="sr-only">: {title}</span>
      </summary>
      {open && (
        // biome-ignore lint/a11y/useSemanticElements: no fieldset, and no landmark either
        <div
          role="group"
          aria-label={title}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-2 max-h-64 overflow-auto"
        >
          <table className="w-full tabular-nums">
            <thead>
              <tr className="text-left text-text-3">
                <td />
                {series.map((one) => (
                  <th key={one.name} scope="col" className="py-1 text-right font-medium">
                    {one.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {labels.map((label, index) => (
                <tr key={label} className="border-t border-line">
                  <th scope="row" className="py-1 text-left font-normal text-text-2">
                    {label}
                  </th>
                  {series.map((one) => (
                    <td key={one.name} className="py-1 text-right">
                      {format(one.values[index] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
