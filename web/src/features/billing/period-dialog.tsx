import { useTranslation } from "react-i18next";
import type { SubscriptionInfo } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Sum } from "@/features/billing/checkout-panel";
import { goAndPay } from "@/features/billing/go-and-pay";
import { priceFor } from "@/features/billing/plan-card";
import {
  type Period,
  useChangePeriod,
  usePeriodPreview,
  usePlans,
} from "@/features/billing/queries";
import { useFormat } from "@/features/billing/use-format";
import { showToast } from "@/lib/toasts";

/** Between monthly and yearly, with what it costs now: a year is paid at once, a month comes with the next renewal. */
export function PeriodDialog({
  to,
  subscription,
  onClose,
}: {
  to: Period;
  subscription: SubscriptionInfo;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const preview = usePeriodPreview(to);
  const { data: plans } = usePlans();
  const change = useChangePeriod();
  const cost = preview.data;
  const premium = plans?.find(({ id }) => id === "premium");
  const price = premium && priceFor(premium, to);
  const date = subscription.currentPeriodEnd ? format.day(subscription.currentPeriodEnd) : "";
  const onConfirm = () =>
    change.mutate(to, {
      onSuccess: ({ confirmationUrl }) => {
        if (confirmationUrl) return goAndPay(confirmationUrl);
        showToast(t("billing.changed"));
        onClose();
      },
    });
  const yearly = to === "year";
  return (
    <ConfirmDialog
      title={t(yearly ? "billing.toYearTitle" : "billing.toMonthTitle")}
      lead={
        cost
          ? t("billing.toYearLead")
          : yearly
            ? ""
            : t("billing.toMonthLead", { date, price: format.price(price ?? 0) })
      }
      confirm={cost ? t("checkout.pay", { price: format.price(cost.amount) }) : t("billing.change")}
      ready={!preview.isPending}
      busy={change.isPending || (change.isSuccess && change.data.confirmationUrl !== null)}
      error={change.error ?? preview.error}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      {cost && (
        <div className="mt-4">
          <Sum preview={cost} />
        </div>
      )}
    </ConfirmDialog>
  );
}
