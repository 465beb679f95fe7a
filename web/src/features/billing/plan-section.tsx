import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SubscriptionInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { SettingsRow, SettingsSection } from "@/components/ui/settings-row";
import { MethodRow } from "@/features/billing/method-section";
import { PeriodDialog } from "@/features/billing/period-dialog";
import { useCancel, usePlans, useResume } from "@/features/billing/queries";
import { useFormat } from "@/features/billing/use-format";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";

const LINK_BUTTON =
  "inline-flex h-8 items-center rounded-sm border border-line-strong bg-raised px-2.5 text-sm font-medium hover:bg-hover pointer-coarse:h-10";

/** The plan, what it costs next, and everything that can be changed about it. */
export function PlanSection({ subscription }: { subscription: SubscriptionInfo }) {
  const { t } = useTranslation();
  const { data: plans } = usePlans();
  const onSale = plans?.find(({ id }) => id === "premium")?.onSale ?? false;
  const active = subscription.plan === "premium" && subscription.status === "active";
  return (
    <SettingsSection id="plan" title={t("billing.plan")}>
      <SettingsRow
        title={t(active ? "billing.premium" : "billing.free")}
        hint={<PlanHint subscription={subscription} active={active} />}
      >
        {!active && (
          <Link to="/plans" className={LINK_BUTTON}>
            {t(onSale ? "billing.upgrade" : "billing.seePlans")}
          </Link>
        )}
        {active && subscription.cancelAtPeriodEnd && <Resume />}
      </SettingsRow>
      {active && subscription.period !== null && <Renewal subscription={subscription} />}
    </SettingsSection>
  );
}

function PlanHint({ subscription, active }: { subscription: SubscriptionInfo; active: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currentPeriodEnd: end, graceUntil } = subscription;
  if (!active) {
    return subscription.plan === "premium" && end
      ? t("billing.ended", { date: format.day(end) })
      : t("billing.freeLead");
  }
  if (end === null) return t("billing.untilForever");
  const date = format.day(graceUntil ?? end);
  if (subscription.cancelAtPeriodEnd) return t("billing.canceled", { date });
  if (subscription.pastDue) return t("billing.graceUntil", { date });
  return t(subscription.trial ? "billing.trialUntil" : "billing.until", { date });
}

/** Of a subscription that was bought: the next charge, the period, the method, and the end of it. */
function Renewal({ subscription }: { subscription: SubscriptionInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nextChargeAt, autoRenew, cancelAtPeriodEnd: canceling, pastDue } = subscription;
  const end = subscription.currentPeriodEnd ? format.day(subscription.currentPeriodEnd) : "";
  return (
    <>
      {nextChargeAt && (
        <SettingsRow title={t("billing.nextCharge")}>
          <span className="text-base tabular-nums">
            {t("billing.nextChargeValue", {
              price: format.price(subscription.price),
              date: format.day(nextChargeAt),
            })}
          </span>
        </SettingsRow>
      )}
      {!autoRenew && !canceling && !pastDue && (
        <SettingsRow
          title={t("billing.noRenewal")}
          hint={t("billing.noRenewalHint", { date: end })}
        >
          <Link to="/plans" className={LINK_BUTTON}>
            {t("billing.extend")}
          </Link>
        </SettingsRow>
      )}
      {!canceling && !pastDue && <PeriodRow subscription={subscription} />}
      <MethodRow subscription={subscription} />
      {!canceling && (autoRenew || pastDue) && <Cancel subscription={subscription} />}
    </>
  );
}

function PeriodRow({ subscription }: { subscription: SubscriptionInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: plans } = usePlans();
  const [asking, setAsking] = useState(false);
  const sold = plans?.find(({ id }) => id === "premium")?.prices ?? [];
  const { period, nextPeriod, currentPeriodEnd: end } = subscription;
  const switching = nextPeriod !== null && nextPeriod !== period;
  const to = (nextPeriod ?? period) === "year" ? "month" : "year";
  const date = end ? format.day(end) : "";
  const hint = switching
    ? t(nextPeriod === "month" ? "billing.switchesToMonth" : "billing.switchesToYear", { date })
    : null;
  return (
    <SettingsRow
      title={t("billing.period")}
      hint={[t(period === "year" ? "billing.oneYear" : "billing.oneMonth"), hint]
        .filter(Boolean)
        .join(" · ")}
    >
      {sold.length > 1 && !subscription.trial && (
        <Button size="sm" onClick={() => setAsking(true)}>
          {t(
            switching
              ? period === "year"
                ? "billing.keepYear"
                : "billing.keepMonth"
              : to === "year"
                ? "billing.toYear"
                : "billing.toMonth",
          )}
        </Button>
      )}
      {asking && (
        <PeriodDialog to={to} subscription={subscription} onClose={() => setAsking(false)} />
      )}
    </SettingsRow>
  );
}

function Cancel({ subscription }: { subscription: SubscriptionInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const cancel = useCancel();
  const end = subscription.currentPeriodEnd;
  const over = subscription.pastDue;
  return (
    <div className="px-4 py-3">
      <Button size="sm" variant="quiet" className="-ml-2.5" onClick={() => setAsking(true)}>
        {t("billing.cancel")}
      </Button>
      {asking && (
        <ConfirmDialog
          danger
          title={t("billing.cancelTitle")}
          lead={
            over
              ? t("billing.cancelGrace")
              : t("billing.cancelLead", { date: end ? format.day(end) : "" })
          }
          confirm={t("billing.cancel")}
          dismiss={t("billing.keep")}
          busy={cancel.isPending}
          error={cancel.error}
          onConfirm={() => cancel.mutate(undefined, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}

function Resume() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const resume = useResume();
  return (
    <Button
      size="sm"
      variant="primary"
      busy={resume.isPending}
      onClick={() =>
        resume.mutate(undefined, {
          onSuccess: () => showToast(t("billing.resumed")),
          onError: (error) => showToast(errorText(error)),
        })
      }
    >
      {t("billing.resume")}
    </Button>
  );
}
