import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { FiguresInfo } from "@/client/types.gen";
import type { Format } from "@/features/admin/format";
import { cn } from "@/lib/cn";

/** The figures of the whole stretch, a card each. */
export function Cards({ found, format }: { found: FiguresInfo; format: Format }) {
  const { t } = useTranslation();
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-5">
      <Card
        name={t("admin.figures.revenue")}
        value={format.roubles(found.revenue)}
        note={t("admin.figures.fees", { amount: format.roubles(found.fees) })}
      />
      <Card
        name={t("admin.figures.mrr")}
        value={format.roubles(found.mrr)}
        note={t("admin.figures.mrrNote")}
      />
      <Card
        name={t("admin.figures.margin")}
        value={format.roubles(found.grossMargin)}
        bad={found.grossMargin < 0}
        note={t("admin.figures.cost", { amount: format.roubles(found.upstreamCost) })}
      />
      <Card
        name={t("admin.figures.subscribers")}
        value={format.number(found.activeSubscribers)}
        note={t("admin.figures.new", { count: found.newSubscribers })}
      />
      <Card
        name={t("admin.figures.users")}
        value={format.number(found.users)}
        note={t("admin.figures.newUsers", { count: found.newUsers })}
      />
      <Card
        name={t("admin.figures.conversion")}
        value={format.share(found.conversion)}
        note={t("admin.figures.conversionNote")}
      />
      <Card
        name={t("admin.figures.churn")}
        value={format.share(found.churn)}
        note={t("admin.figures.gone", { count: found.canceledSubscribers })}
      />
      <Card
        name={t("admin.figures.failed")}
        value={format.number(found.failedRenewals)}
        note={t("admin.figures.failedNote")}
      />
      <Card
        name={t("admin.figures.refunds")}
        value={format.roubles(found.refunds)}
        note={
          found.revenue > 0
            ? t("admin.figures.ofRevenue", { share: format.share(found.refunds / found.revenue) })
            : undefined
        }
      />
      <Card
        name={t("admin.figures.rate")}
        value={`${format.money(found.rubPerUsd)}`}
        note={
          <Link to="/admin/offers" className="underline underline-offset-3 hover:text-text">
            {t("admin.figures.changeRate")}
          </Link>
        }
      />
    </dl>
  );
}

function Card({
  name,
  value,
  note,
  bad = false,
}: {
  name: string;
  value: string;
  note?: ReactNode;
  bad?: boolean;
}) {
  return (
    <div className="min-w-0 rounded-lg border border-line bg-raised px-4 py-3">
      <dt className="truncate text-xs text-text-3">{name}</dt>
      <dd
        className={cn(
          "mt-0.5 text-xl font-[580] tracking-tight tabular-nums",
          bad && "text-danger",
        )}
      >
        {value}
        {note && (
          <span className="mt-0.5 block text-xs font-normal tracking-normal text-text-3">
            {note}
          </span>
        )}
      </dd>
    </div>
  );
}
