import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlanInfo, SubscriptionInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Segmented } from "@/components/ui/segmented";
import { Spinner } from "@/components/ui/spinner";
import { CheckoutPanel } from "@/features/billing/checkout-panel";
import { PlanCard, priceFor } from "@/features/billing/plan-card";
import { type Period, usePlans, useSubscription } from "@/features/billing/queries";
import { UnfinishedOrder } from "@/features/billing/unfinished-order";
import { useFormat } from "@/features/billing/use-format";
import { type Why, WhyNote } from "@/features/billing/why-note";

/** Free and Premium side by side, and the way to Premium. */
export function PlansView({ why }: { why?: Why }) {
  const { t } = useTranslation();
  const plans = usePlans();
  const subscription = useSubscription();
  const [period, setPeriod] = useState<Period>("month");
  const failed = plans.isError || subscription.isError;
  if (plans.data === undefined || subscription.data === undefined) {
    return failed ? (
      <Notice
        actions={
          <Button
            size="sm"
            onClick={() => {
              void plans.refetch();
              void subscription.refetch();
            }}
          >
            {t("common.retry")}
          </Button>
        }
      >
        {t("plans.loadFailed")}
      </Notice>
    ) : (
      <div role="status" className="flex justify-center py-20 text-text-3">
        <Spinner />
        <span className="sr-only">{t("common.loading")}</span>
      </div>
    );
  }
  const free = plans.data.find(({ id }) => id === "free");
  const premium = plans.data.find(({ id }) => id === "premium");
  const onPremium = subscription.data.plan === "premium" && subscription.data.status === "active";
  return (
    <>
      {why && premium && !onPremium && <WhyNote why={why} plan={premium} />}
      <UnfinishedOrder />
      {premium && <PeriodChoice plan={premium} value={period} onChange={setPeriod} />}
      <div className="grid gap-4 md:grid-cols-2 md:items-start">
        {free && <PlanCard plan={free} period="month" current={!onPremium} />}
        {premium && (
          <PlanCard plan={premium} period={period} current={onPremium} strong>
            <Offer plan={premium} period={period} subscription={subscription.data} />
          </PlanCard>
        )}
      </div>
      <p className="text-center text-sm text-text-3">{t("plans.tokensHint")}</p>
    </>
  );
}

function PeriodChoice({
  plan,
  value,
  onChange,
}: {
  plan: PlanInfo;
  value: Period;
  onChange: (period: Period) => void;
}) {
  const { t } = useTranslation();
  const [month, year] = [priceFor(plan, "month"), priceFor(plan, "year")];
  if (month === undefined || year === undefined) return null;
  const saved = Math.floor(100 - (year * 100) / (month * 12));
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Segmented
        label={t("plans.period")}
        name="period"
        value={value}
        onChange={onChange}
        options={[
          { value: "month", label: t("plans.month") },
          { value: "year", label: t("plans.year") },
        ]}
      />
      {saved > 0 && (
        <span className="text-sm text-accent-text">{t("plans.yearSaves", { percent: saved })}</span>
      )}
    </div>
  );
}

/** What can be done about Premium now: buy it, extend it, or look after what there is. */
function Offer({
  plan,
  period,
  subscription,
}: {
  plan: PlanInfo;
  period: Period;
  subscription: SubscriptionInfo;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!plan.onSale) return <p className="text-sm text-text-2">{t("plans.notOnSale")}</p>;
  const { currentPeriodEnd: end, nextChargeAt, autoRenew, pastDue } = subscription;
  const active = subscription.plan === "premium" && subscription.status === "active";
  if (active && end === null) {
    return <p className="text-sm text-text-2">{t("plans.lastsForever")}</p>;
  }
  if (active && autoRenew && !pastDue && !subscription.cancelAtPeriodEnd) {
    return (
      <div className="flex flex-col items-start gap-3">
        {nextChargeAt && (
          <p className="text-sm text-text-2">
            {t("plans.renews", { date: format.day(nextChargeAt) })}
          </p>
        )}
        <Link
          to="/settings/billing"
          className="font-medium text-accent-text underline-offset-3 hover:underline"
        >
          {t("plans.manage")}
        </Link>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      {active && end && !pastDue && (
        <p className="text-sm text-text-2">{t("plans.lasts", { date: format.day(end) })}</p>
      )}
      <CheckoutPanel plan={plan} period={period} />
    </div>
  );
}
