import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { FiguresInfo } from "@/client/types.gen";
import { Segmented } from "@/components/ui/segmented";
import { buckets } from "@/features/admin/buckets";
import { Chart } from "@/features/admin/chart";
import { type Format, useFormat } from "@/features/admin/format";
import { Loaded, Panel } from "@/features/admin/parts";
import { dashboardQuery } from "@/features/admin/queries";
import { Shares } from "@/features/admin/shares";
import { cn } from "@/lib/cn";

const PERIODS = ["7", "30", "90", "365"] as const;

/** How the business does, over the last days. */
export function DashboardPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { days } = useSearch({ strict: false }) as { days?: number };
  const chosen = PERIODS.find((period) => Number(period) === days) ?? "30";
  const query = useQuery(dashboardQuery(Number(chosen)));
  return (
    <>
      <div className="self-start">
        <Segmented
          label={t("admin.dashboard.period")}
          name="period"
          value={chosen}
          options={PERIODS.map((period) => ({ value: period, label: t(`admin.period.${period}`) }))}
          onChange={(period) =>
            void navigate({
              to: "/admin",
              search: { days: Number(period) } as never,
              replace: true,
            })
          }
        />
      </div>
      <Loaded query={query}>{(found) => <Dashboard found={found} />}</Loaded>
    </>
  );
}

function Dashboard({ found }: { found: FiguresInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <Cards found={found} format={format} />
      <Charts found={found} format={format} />
      <div className="grid grid-cols-1 gap-8 xl:grid-cols-2">
        <Panel title={t("admin.dashboard.byModel")} lead={t("admin.dashboard.byModelLead")}>
          <Shares
            caption={t("admin.dashboard.byModel")}
            name={t("admin.dashboard.model")}
            rows={found.byModel}
          />
        </Panel>
        <Panel title={t("admin.dashboard.byPlan")} lead={t("admin.dashboard.byPlanLead")}>
          <Shares
            caption={t("admin.dashboard.byPlan")}
            name={t("admin.dashboard.plan")}
            rows={found.byPlan}
            label={(share) => (share.id === "premium" ? "Premium" : t("admin.dashboard.free"))}
          />
        </Panel>
        <Panel title={t("admin.dashboard.byUser")} lead={t("admin.dashboard.byUserLead")}>
          <Shares
            caption={t("admin.dashboard.byUser")}
            name={t("admin.users.person")}
            rows={found.byUser}
            people
          />
        </Panel>
        <Panel title={t("admin.dashboard.losses")} lead={t("admin.dashboard.lossesLead")}>
          <Shares
            caption={t("admin.dashboard.losses")}
            name={t("admin.users.person")}
            rows={found.lossMaking}
            people
            empty={t("admin.dashboard.noLosses")}
          />
        </Panel>
      </div>
    </>
  );
}

function Cards({ found, format }: { found: FiguresInfo; format: Format }) {
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
  note?: React.ReactNode;
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

function Charts({ found, format }: { found: FiguresInfo; format: Format }) {
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
