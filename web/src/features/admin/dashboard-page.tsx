import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { FiguresInfo } from "@/client/types.gen";
import { Segmented } from "@/components/ui/segmented";
import { Cards } from "@/features/admin/dashboard-cards";
import { Charts } from "@/features/admin/dashboard-charts";
import { useFormat } from "@/features/admin/format";
import { Loaded, Panel } from "@/features/admin/parts";
import { dashboardQuery } from "@/features/admin/queries";
import { Shares } from "@/features/admin/shares";

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
