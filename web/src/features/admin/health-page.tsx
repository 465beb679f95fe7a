import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { ConditionInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { CheckIcon } from "@/components/ui/icons";
import { Notice } from "@/components/ui/notice";
import { AuditList } from "@/features/admin/audit-list";
import { useFormat, useWord } from "@/features/admin/format";
import { Facts, Loaded, Panel } from "@/features/admin/parts";
import { conditionQuery } from "@/features/admin/queries";

/** Are the books right, what waits, and what does a person have to look at. */
export function HealthPage() {
  const { t } = useTranslation();
  const query = useQuery(conditionQuery);
  return (
    <>
      <div>
        <Button size="sm" busy={query.isFetching} onClick={() => void query.refetch()}>
          {t("admin.health.again")}
        </Button>
      </div>
      <Loaded query={query}>{(found) => <Health found={found} />}</Loaded>
    </>
  );
}

function Health({ found }: { found: ConditionInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  const { waiting } = found;
  return (
    <>
      {found.complaints.length === 0 ? (
        <p className="flex items-center gap-2.5 rounded-lg border border-line bg-accent-soft px-4 py-3 text-accent-text">
          <CheckIcon className="text-lg" />
          {t("admin.health.right")}
        </p>
      ) : (
        <Notice>
          <p className="font-medium">{t("admin.health.wrong")}</p>
          <ul className="mt-1 list-disc pl-5">
            {found.complaints.map((complaint) => (
              <li key={complaint}>{complaint}</li>
            ))}
          </ul>
        </Notice>
      )}
      {!found.selling && <Notice tone="warn">{t("admin.health.notSelling")}</Notice>}
      {!found.mailing && <Notice tone="neutral">{t("admin.health.notMailing")}</Notice>}
      {found.notes.map((note) => (
        <Notice key={note} tone="warn">
          {note}
        </Notice>
      ))}
      <Panel title={t("admin.health.waiting")} lead={t("admin.health.waitingLead")}>
        <Facts
          facts={[
            [t("admin.health.payments"), format.number(waiting.payments)],
            [t("admin.health.refunds"), format.number(waiting.refunds)],
            [t("admin.health.notifications"), format.number(waiting.notifications)],
            [t("admin.health.pastDue"), format.number(waiting.pastDue)],
            [t("admin.health.letters"), format.number(waiting.letters)],
            [t("admin.health.lettersFailed"), format.number(waiting.lettersFailed)],
            [t("admin.health.sweep"), found.nextSweepAt && format.moment(found.nextSweepAt)],
          ]}
        />
      </Panel>
      <Panel title={t("admin.health.accounts")} lead={t("admin.health.accountsLead")}>
        <Facts
          facts={Object.entries(found.accounts).map(([account, amount]) => [
            word("account", account),
            format.money(amount),
          ])}
        />
      </Panel>
      <Panel title={t("admin.health.alerts")} lead={t("admin.health.alertsLead")}>
        <AuditList rows={found.alerts} people />
      </Panel>
    </>
  );
}
