import { useTranslation } from "react-i18next";
import type { GrantInfo } from "@/client/types.gen";
import { useFormat, useWord } from "@/features/admin/format";
import { State } from "@/features/admin/parts";
import { Table } from "@/features/admin/table";

/** Stretches of Premium, and why they were given. */
export function Grants({ rows }: { rows: readonly GrantInfo[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  return (
    <Table
      caption={t("admin.payment.grants")}
      rows={rows}
      rowKey={(row) => row.id}
      empty={t("admin.grants.none")}
      columns={[
        { key: "kind", header: t("admin.grants.why"), cell: (row) => word("grant", row.kind) },
        { key: "from", header: t("admin.grants.from"), cell: (row) => <Day iso={row.startsAt} /> },
        {
          key: "to",
          header: t("admin.grants.to"),
          cell: (row) =>
            row.endsAt === null ? t("admin.grants.forEver") : <Day iso={row.endsAt} />,
        },
        {
          key: "note",
          header: t("admin.grants.note"),
          cell: (row) => (
            <span className="block min-w-24 wrap-anywhere">
              {row.revokedAt && (
                <State code="canceled">
                  {t("admin.grants.revoked", { when: format.day(row.revokedAt) })}
                </State>
              )}{" "}
              {row.note}
            </span>
          ),
        },
      ]}
    />
  );
}

function Day({ iso }: { iso: string }) {
  const format = useFormat();
  return (
    <time dateTime={iso} title={format.moment(iso)} className="whitespace-nowrap">
      {format.day(iso)}
    </time>
  );
}
