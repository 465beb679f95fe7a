import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Spinner } from "@/components/ui/spinner";
import { OrdersList } from "@/features/billing/orders-list";
import { PastDue } from "@/features/billing/past-due";
import { PlanSection } from "@/features/billing/plan-section";
import { useSubscription } from "@/features/billing/queries";
import { useErrorText } from "@/i18n/use-error-text";

/** Everything about one's own subscription and money. */
export function BillingView() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, isError, error, refetch } = useSubscription();
  if (data === undefined) {
    return isError ? (
      <Notice
        actions={
          <Button size="sm" onClick={() => refetch()}>
            {t("common.retry")}
          </Button>
        }
      >
        {t("billing.loadFailed")} {errorText(error)}
      </Notice>
    ) : (
      <div role="status" className="flex justify-center py-16 text-text-3">
        <Spinner />
        <span className="sr-only">{t("common.loading")}</span>
      </div>
    );
  }
  return (
    <>
      {data.pastDue && data.status === "active" && <PastDue subscription={data} />}
      <PlanSection subscription={data} />
      <OrdersList />
    </>
  );
}
