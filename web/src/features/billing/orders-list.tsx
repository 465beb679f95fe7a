import { useTranslation } from "react-i18next";
import type { OrderInfo } from "@/client/types.gen";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { SettingsRow, SettingsSection } from "@/components/ui/settings-row";
import { goAndPay } from "@/features/billing/go-and-pay";
import { methodName } from "@/features/billing/method-name";
import { useOrders } from "@/features/billing/queries";
import { reasonText } from "@/features/billing/reason";
import { useFormat } from "@/features/billing/use-format";

/** Everything that was paid, tried and returned, newest first. */
export function OrdersList() {
  const { t } = useTranslation();
  const { data: orders } = useOrders();
  const shown = orders?.filter(isWorthShowing);
  return (
    <SettingsSection id="payments" title={t("billing.history")}>
      {shown?.map((order) => (
        <OrderRow key={order.id} order={order} />
      ))}
      {shown?.length === 0 && (
        <p className="px-4 py-6 text-center text-sm text-text-3">{t("billing.noHistory")}</p>
      )}
    </SettingsSection>
  );
}

/** What was replaced by another click before anybody paid is no payment. */
const isWorthShowing = ({ status, reason, refunded }: OrderInfo) =>
  !(status === "canceled" && refunded === 0 && (reason === "replaced" || reason === "superseded"));

function useTitle({ kind, period }: OrderInfo): string {
  const { t } = useTranslation();
  if (kind === "renewal") return t("billing.renewal");
  if (kind === "change") return t("billing.toYearOrder");
  if (kind === "trial") return t("billing.trialOrder");
  if (kind === "card") return t("billing.cardOrder");
  return t(period === "year" ? "billing.premiumYear" : "billing.premiumMonth");
}

const STATUS = {
  pending: { tone: "warn", key: "billing.statusPending" },
  paid: { tone: "accent", key: "billing.statusPaid" },
  canceled: { tone: "neutral", key: "billing.statusCanceled" },
  refunded: { tone: "neutral", key: "billing.statusRefunded" },
} as const;
const RECEIPT = {
  pending: "billing.receiptPending",
  succeeded: "billing.receiptSent",
  canceled: "billing.receiptFailed",
} as const;

function OrderRow({ order }: { order: OrderInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = useTitle(order);
  const returned = order.status === "canceled" && order.refunded > 0;
  const { tone, key } = STATUS[returned ? "refunded" : order.status];
  const url = order.status === "pending" ? order.confirmationUrl : null;
  const details = [
    format.day(order.paidAt ?? order.createdAt),
    order.method && methodName(t, order.method),
    order.promoCode && t("billing.promo", { code: order.promoCode }),
    order.refunded > 0 &&
      order.refunded < order.amount &&
      t("billing.partlyRefunded", { price: format.price(order.refunded) }),
    order.receipt && t(RECEIPT[order.receipt]),
  ].filter((part) => part);
  return (
    <SettingsRow
      title={title}
      hint={
        <>
          {details.join(" · ")}
          {order.status === "canceled" && !returned && (
            <span className="mt-0.5 block">{reasonText(t, order.reason)}</span>
          )}
        </>
      }
    >
      <div className="flex items-center gap-3 max-sm:w-full">
        {url && (
          <Button size="sm" onClick={() => goAndPay(url)}>
            {t("plans.continue")}
          </Button>
        )}
        <Badge tone={tone}>{t(key)}</Badge>
        <span className="min-w-16 text-right text-base tabular-nums max-sm:ml-auto">
          {format.price(order.amount)}
        </span>
      </div>
    </SettingsRow>
  );
}
