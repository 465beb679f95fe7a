import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { ClockIcon } from "@/components/ui/icons";
import { goAndPay } from "@/features/billing/go-and-pay";
import { useOrders } from "@/features/billing/queries";
import { useFormat } from "@/features/billing/use-format";

/** An order that was begun and not paid: one press leads back to its payment page. */
export function UnfinishedOrder() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: orders } = useOrders();
  const order = orders?.find(
    ({ status, confirmationUrl, kind }) =>
      status === "pending" && confirmationUrl !== null && kind !== "card",
  );
  const url = order?.confirmationUrl;
  if (order === undefined || !url) return null;
  return (
    <div
      role="status"
      className="animate-appear flex flex-wrap items-center gap-x-4 gap-y-2.5 rounded-lg border border-line bg-panel px-4 py-3 text-sm"
    >
      <ClockIcon className="text-warn" />
      <p className="min-w-48 flex-1">
        {order.kind === "trial"
          ? t("plans.unfinishedTrial")
          : t("plans.unfinished", { price: format.price(order.amount) })}
      </p>
      <Button size="sm" onClick={() => goAndPay(url)}>
        {t("plans.continue")}
      </Button>
    </div>
  );
}
