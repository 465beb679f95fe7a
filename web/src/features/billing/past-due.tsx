import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { SubscriptionInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useNewCard } from "@/features/billing/method-section";
import { useOrders } from "@/features/billing/queries";
import { reasonText } from "@/features/billing/reason";
import { useFormat } from "@/features/billing/use-format";

/** A renewal that was declined: why, how long Premium stays, what comes next, and both ways out. */
export function PastDue({ subscription }: { subscription: SubscriptionInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: orders } = useOrders();
  const card = useNewCard();
  const failed = orders?.find(({ kind, status }) => kind === "renewal" && status === "canceled");
  const { price, graceUntil, nextChargeAt } = subscription;
  return (
    <Notice
      tone="warn"
      actions={
        <>
          <Button size="sm" variant="primary" busy={card.busy} onClick={card.go}>
            {t("billing.newCard")}
          </Button>
          <Link
            to="/plans"
            className="inline-flex h-8 items-center rounded-sm border border-line-strong bg-raised px-2.5 text-sm font-medium hover:bg-hover pointer-coarse:h-10"
          >
            {t("billing.payNow")}
          </Link>
        </>
      }
    >
      <p className="font-medium">{t("billing.pastDue", { price: format.price(price) })}</p>
      <p className="mt-1 text-text-2">
        {[
          failed && reasonText(t, failed.reason),
          graceUntil && t("billing.graceUntil", { date: format.day(graceUntil) }),
          nextChargeAt
            ? t("billing.retryAt", { date: format.day(nextChargeAt) })
            : t("billing.noRetry"),
        ]
          .filter(Boolean)
          .join(" ")}
      </p>
    </Notice>
  );
}
