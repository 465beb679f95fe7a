import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OrderInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { AlertIcon, CheckIcon, ClockIcon, RetryIcon } from "@/components/ui/icons";
import { Spinner } from "@/components/ui/spinner";
import { goAndPay } from "@/features/billing/go-and-pay";
import { useOrder, useSubscription } from "@/features/billing/queries";
import { reasonText } from "@/features/billing/reason";
import { useFormat } from "@/features/billing/use-format";
import { toApiError } from "@/lib/api/errors";
import { cn } from "@/lib/cn";

/** Somebody who comes back without having paid should not have to wait for the offer to go on. */
const PATIENCE_MS = 4_000;

export interface WaysOn {
  onChat: () => void;
  onPlans: () => void;
  onBilling: () => void;
}

/** What became of an order, for whoever comes back from the payment page. Nothing is believed but the server. */
export function OrderState({ id, ...ways }: { id: string | undefined } & WaysOn) {
  const { t } = useTranslation();
  const [since] = useState(Date.now);
  const { data: order, error } = useOrder(id, since);
  const patient = usePatience();
  if (id === undefined || (error && toApiError(error).status === 404)) {
    return (
      <State icon={<AlertIcon />} title={t("paid.unknown")} lead={t("paid.unknownLead")}>
        <Button onClick={ways.onPlans}>{t("billing.seePlans")}</Button>
        <Button variant="quiet" onClick={ways.onChat}>
          {t("paid.toChat")}
        </Button>
      </State>
    );
  }
  if (order === undefined) {
    return (
      <State
        icon={<Spinner />}
        title={t("paid.checking")}
        lead={error ? t("paid.away") : t("paid.checkingLead")}
      />
    );
  }
  if (order.status === "paid") return <Paid order={order} {...ways} />;
  // Given up here, paid there all the same, and returned by rule.
  if (order.status === "refunded" || order.refunded > 0)
    return <Refunded order={order} {...ways} />;
  if (order.status === "canceled") return <Failed order={order} {...ways} />;
  const url = order.confirmationUrl;
  if (patient) {
    return <State icon={<Spinner />} title={t("paid.checking")} lead={t("paid.checkingLead")} />;
  }
  return (
    <State icon={<ClockIcon />} title={t("paid.waiting")} lead={t("paid.waitingLead")}>
      {url && (
        <Button variant="primary" onClick={() => goAndPay(url)}>
          {t("paid.backToPay")}
        </Button>
      )}
      <Button onClick={order.kind === "card" ? ways.onBilling : ways.onPlans}>
        {t(order.kind === "card" ? "paid.toBilling" : "paid.otherWay")}
      </Button>
    </State>
  );
}

function usePatience(): boolean {
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return patient;
}

function Paid({ order, onChat, onBilling }: { order: OrderInfo } & WaysOn) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: subscription } = useSubscription();
  const end = subscription?.currentPeriodEnd;
  if (order.kind === "card") {
    return (
      <State good icon={<CheckIcon />} title={t("paid.cardDone")} lead={t("paid.cardLead")}>
        <Button variant="primary" onClick={onBilling}>
          {t("paid.toBilling")}
        </Button>
      </State>
    );
  }
  const trial = order.kind === "trial";
  const lead = end
    ? t(trial ? "paid.trialUntil" : "paid.doneUntil", { date: format.day(end) })
    : t("paid.doneLead");
  return (
    <State good icon={<CheckIcon />} title={t(trial ? "paid.trialDone" : "paid.done")} lead={lead}>
      <Button variant="primary" onClick={onChat}>
        {t("paid.toChat")}
      </Button>
      <Button variant="quiet" onClick={onBilling}>
        {t("paid.toBilling")}
      </Button>
    </State>
  );
}

function Failed({ order, onChat, onPlans, onBilling }: { order: OrderInfo } & WaysOn) {
  const { t } = useTranslation();
  const card = order.kind === "card";
  const again = card || order.kind === "change" ? onBilling : onPlans;
  return (
    <State
      icon={<AlertIcon />}
      title={t(card ? "paid.cardFailed" : "paid.failed")}
      lead={`${reasonText(t, order.reason)} ${card ? "" : t("paid.notCharged")}`}
    >
      <Button variant="primary" onClick={again}>
        {t("paid.again")}
      </Button>
      <Button variant="quiet" onClick={onChat}>
        {t("paid.toChat")}
      </Button>
    </State>
  );
}

function Refunded({ order, onChat, onBilling }: { order: OrderInfo } & WaysOn) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <State
      icon={<RetryIcon />}
      title={t("paid.refunded")}
      lead={t("paid.refundedLead", { price: format.price(order.refunded) })}
    >
      <Button variant="primary" onClick={onChat}>
        {t("paid.toChat")}
      </Button>
      <Button variant="quiet" onClick={onBilling}>
        {t("paid.toBilling")}
      </Button>
    </State>
  );
}

function State({
  icon,
  title,
  lead,
  good = false,
  children,
}: {
  icon: ReactNode;
  title: string;
  lead: string;
  good?: boolean;
  children?: ReactNode;
}) {
  return (
    <div
      key={title}
      className="animate-rise mx-auto flex w-full max-w-104 flex-col items-center px-5 text-center"
    >
      <span
        aria-hidden="true"
        className={cn(
          "mb-5 flex size-14 items-center justify-center rounded-full text-2xl",
          good ? "bg-accent-soft text-accent-text" : "bg-sunken text-text-2",
        )}
      >
        {icon}
      </span>
      <div>
        <h1 className="text-xl font-semibold tracking-tight text-balance">{title}</h1>
        <p className="mt-1.5 text-base text-pretty text-text-2">{lead}</p>
      </div>
      {children && <div className="mt-6 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}
