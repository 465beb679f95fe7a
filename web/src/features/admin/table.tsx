import type { ReactNode } from "react";
import { Nothing } from "@/features/admin/parts";
import { cn } from "@/lib/cn";

export interface Column<Row> {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand to the right. */
  number?: boolean;
  /** Not on a phone: what matters there stands in another column too. */
  wide?: boolean;
}

/** A table that scrolls sideways by itself where it must; a keyboard can scroll it too. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  empty,
}: {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** What is said where there are no rows. */
  empty?: string;
}) {
  if (rows.length === 0) return <Nothing>{empty}</Nothing>;
  return (
    // biome-ignore lint/a11y/useSemanticElements: no fieldset, and no landmark either
    <div
      role="group"
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-lg outline-offset-0"
    >
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-left text-xs text-text-3">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cn(
                  "px-3 py-2.5 font-medium md:px-4 whitespace-nowrap",
                  column.number && "text-right",
                  column.wide && "max-md:hidden",
                )}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={rowKey(row)} className="hover:bg-hover">
              {columns.map((column) => (
                <td
                  key={column.key}
                  className={cn(
                    "px-3 py-2.5 align-top md:px-4",
                    column.number && "text-right whitespace-nowrap tabular-nums",
                    column.wide && "max-md:hidden",
                  )}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
