import { useTranslation } from "react-i18next";
import type { FiguresInfo } from "@/client/types.gen";
import { buckets } from "@/features/admin/buckets";
import { Chart } from "@/features/admin/chart";
import type { Format } from "@/features/admin/format";

/** How they went, day by day. */
export function Charts({ found, format }: { found: FiguresInfo; format: Format }) {
  const { t } = useTranslation();
  const parts = buckets(found.days);
  const labels = parts.map((part) =>
    part.from === part.to
      ? format.calendarDay(part.from)
      : `${format.calendarDay(part.from)} – ${format.calendarDay(part.to)}`,
  );
  const pick = (name: keyof (typeof parts)[number]) => parts.map((part) => Number(part[name]));
  const money = { labels, format: format.money, axis: format.compact };
  const counted = { labels, format: format.number, axis: format.compact };
  return (
    <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
      <Chart
        {...money}
        title={t("admin.charts.revenue")}
        total={format.roubles(found.revenue - found.refunds)}
        series={[
          {
            name: t("admin.figures.revenue"),
            values: pick("revenue"),
            kind: "bar",
            tone: "accent",
          },
          {
            name: t("admin.figures.refunds"),
            values: pick("refunds"),
            kind: "bar",
            tone: "danger",
          },
        ]}
      />
      <Chart
        {...money}
        title={t("admin.figures.mrr")}
        total={format.roubles(found.mrr)}
        series={[
          { name: t("admin.figures.mrr"), values: pick("mrr"), kind: "line", tone: "accent" },
        ]}
      />
      <Chart
        {...counted}
        title={t("admin.charts.subscribers")}
        total={format.number(found.activeSubscribers)}
        series={[
          {
            name: t("admin.charts.active"),
            values: pick("subscribers"),
            kind: "line",
            tone: "accent",
          },
        ]}
      />
      <Chart
        {...counted}
        title={t("admin.charts.new")}
        total={format.number(found.newSubscribers)}
        series={[
          {
            name: t("admin.charts.new"),
            values: pick("newSubscribers"),
            kind: "bar",
            tone: "accent",
          },
        ]}
      />
      <Chart
        {...money}
        title={t("admin.charts.cost")}
        total={format.roubles(found.upstreamCost)}
        series={[
          { name: t("admin.charts.costs"), values: pick("cost"), kind: "bar", tone: "warn" },
        ]}
      />
      <Chart
        {...counted}
        title={t("admin.figures.failed")}
        total={format.number(found.failedRenewals)}
        series={[
          {
            name: t("admin.figures.failed"),
            values: pick("failedRenewals"),
            kind: "bar",
            tone: "danger",
          },
        ]}
      />
    </div>
  );
}
