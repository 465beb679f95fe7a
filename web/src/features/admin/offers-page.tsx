import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PromoInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { useFormat, useWord } from "@/features/admin/format";
import { Loaded, Panel, State } from "@/features/admin/parts";
import { PricesPanel } from "@/features/admin/prices-panel";
import { PromoDialog } from "@/features/admin/promo-dialog";
import { promosQuery, useEndPromo } from "@/features/admin/queries";
import { RatePanel } from "@/features/admin/rate-panel";
import { Table } from "@/features/admin/table";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";

/** What is sold for how much: prices, promo codes, and the rate that costs are counted in. */
export function OffersPage() {
  const { t } = useTranslation();
  const promos = useQuery(promosQuery);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <PricesPanel />
      <Panel
        title={t("admin.promo.title")}
        lead={t("admin.promo.lead")}
        actions={
          <Button size="sm" variant="primary" onClick={() => setAdding(true)}>
            {t("admin.promo.add")}
          </Button>
        }
      >
        <Loaded query={promos}>{(rows) => <Promos rows={rows} />}</Loaded>
      </Panel>
      <RatePanel />
      {adding && <PromoDialog onClose={() => setAdding(false)} />}
    </>
  );
}

function Promos({ rows }: { rows: readonly PromoInfo[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  return (
    <Table
      caption={t("admin.promo.title")}
      rows={rows}
      rowKey={(row) => row.id}
      empty={t("admin.promo.none")}
      columns={[
        {
          key: "code",
          header: t("admin.promo.code"),
          cell: (row) => (
            <span className="flex flex-wrap items-center gap-2">
              <code className="font-mono text-sm">{row.code}</code>
              {isOver(row) && <State code="canceled">{t("admin.promo.over")}</State>}
            </span>
          ),
        },
        {
          key: "gives",
          header: t("admin.promo.gives"),
          cell: (row) =>
            [
              row.percentOff > 0 && `−${format.share(row.percentOff / 100)}`,
              row.amountOff > 0 && `−${format.money(row.amountOff)}`,
              row.freeDays > 0 && t("admin.promo.days", { count: row.freeDays }),
            ]
              .filter(Boolean)
              .join(", "),
        },
        {
          key: "period",
          header: t("admin.subscription.period"),
          wide: true,
          cell: (row) =>
            row.period === null ? t("admin.promo.anyPeriod") : word("period", row.period),
        },
        {
          key: "until",
          header: t("admin.promo.until"),
          wide: true,
          cell: (row) => (row.expiresAt === null ? "—" : format.day(row.expiresAt)),
        },
        {
          key: "used",
          header: t("admin.promo.used"),
          number: true,
          cell: (row) =>
            row.maxUses === null
              ? format.number(row.used)
              : t("admin.promo.usedOf", { used: row.used, most: row.maxUses }),
        },
        {
          key: "end",
          header: t("admin.promo.deed"),
          number: true,
          cell: (row) => (row.disabledAt === null ? <EndPromo promo={row} /> : null),
        },
      ]}
    />
  );
}

function isOver(promo: PromoInfo): boolean {
  const late = promo.expiresAt !== null && Date.parse(promo.expiresAt) < Date.now();
  return (
    promo.disabledAt !== null || late || (promo.maxUses !== null && promo.used >= promo.maxUses)
  );
}

function EndPromo({ promo }: { promo: PromoInfo }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const end = useEndPromo();
  return (
    <Button
      size="sm"
      variant="quiet"
      busy={end.isPending}
      className="-my-1.5"
      aria-label={t("admin.promo.endLabel", { code: promo.code })}
      onClick={() => end.mutate(promo.id, { onError: (error) => showToast(errorText(error)) })}
    >
      {t("admin.promo.end")}
    </Button>
  );
}
