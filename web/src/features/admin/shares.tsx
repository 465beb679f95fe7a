import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ShareInfo } from "@/client/types.gen";
import { useFormat } from "@/features/admin/format";
import { Table } from "@/features/admin/table";
import { cn } from "@/lib/cn";

/** Who or what brought and cost how much; the bar compares the costs. */
export function Shares({
  caption,
  name,
  rows,
  label = (share) => share.name,
  people = false,
  empty,
}: {
  caption: string;
  name: string;
  rows: readonly ShareInfo[];
  label?: (share: ShareInfo) => string;
  people?: boolean;
  empty?: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const most = Math.max(0, ...rows.map((row) => row.cost));
  return (
    <Table
      caption={caption}
      rows={rows}
      rowKey={(row) => row.id}
      empty={empty ?? t("admin.list.empty")}
      columns={[
        {
          key: "name",
          header: name,
          cell: (row) => (
            <div className="max-w-36 sm:max-w-64 xl:max-w-44 2xl:max-w-64">
              {people ? (
                <Link
                  to="/admin/users/$userId"
                  params={{ userId: row.id }}
                  className="block truncate underline-offset-3 hover:underline"
                >
                  {label(row)}
                </Link>
              ) : (
                <span className="block truncate">{label(row)}</span>
              )}
              <span aria-hidden="true" className="mt-1 block h-1 rounded-full bg-sunken">
                <span
                  className="block h-1 rounded-full bg-accent"
                  style={{ width: `${most > 0 ? Math.max((row.cost / most) * 100, 1) : 0}%` }}
                />
              </span>
            </div>
          ),
        },
        {
          key: "cost",
          header: t("admin.shares.cost"),
          number: true,
          cell: (row) => format.roubles(row.cost),
        },
        {
          key: "revenue",
          header: t("admin.shares.revenue"),
          number: true,
          wide: true,
          cell: (row) => format.roubles(row.revenue),
        },
        {
          key: "margin",
          header: t("admin.shares.margin"),
          number: true,
          cell: (row) => {
            const margin = row.revenue - row.cost;
            return (
              <span className={cn(margin < 0 && "text-danger")}>{format.roubles(margin)}</span>
            );
          },
        },
        {
          key: "messages",
          header: t("admin.shares.messages"),
          number: true,
          wide: true,
          cell: (row) => format.number(row.messages),
        },
      ]}
    />
  );
}
