import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PaymentDetail } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { AuditList } from "@/features/admin/audit-list";
import { useFormat, useWord } from "@/features/admin/format";
import { Grants } from "@/features/admin/grants";
import { Facts, Loaded, Panel, State } from "@/features/admin/parts";
import { Attempts, LedgerLines, Notifications, Refunds } from "@/features/admin/payment-history";
import { paymentQuery } from "@/features/admin/queries";
import { RefundDialog } from "@/features/admin/refund-dialog";

/** One payment and everything that ever happened to it. */
export function PaymentPage() {
  const { paymentId } = useParams({ strict: false }) as { paymentId: string };
  const query = useQuery(paymentQuery(paymentId));
  return <Loaded query={query}>{(payment) => <Payment payment={payment} />}</Loaded>;
}

function Payment({ payment }: { payment: PaymentDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  const [refunding, setRefunding] = useState(false);
  const { order } = payment;
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0">
          <Link
            to="/admin/payments"
            className="text-sm text-text-3 hover:text-text hover:underline"
          >
            ← {t("admin.payments.title")}
          </Link>
          <h2 className="mt-1 flex flex-wrap items-center gap-2.5 text-xl font-[580] tracking-tight">
            {format.money(payment.amount)}
            <State code={payment.status}>{word("status", payment.status)}</State>
            {payment.test && <State code="test">{t("admin.payment.test")}</State>}
          </h2>
        </div>
        {payment.refundable > 0 && (
          <Button variant="danger" onClick={() => setRefunding(true)}>
            {t("admin.refund.title")}
          </Button>
        )}
      </div>
      {payment.problem && (
        <Notice tone="warn">{t("admin.payment.problem", { text: payment.problem })}</Notice>
      )}
      <Panel title={t("admin.payment.about")}>
        <Facts
          facts={[
            [
              t("admin.users.person"),
              payment.userId === null ? (
                payment.email
              ) : (
                <Link
                  key="who"
                  to="/admin/users/$userId"
                  params={{ userId: payment.userId }}
                  className="underline underline-offset-3"
                >
                  {payment.email}
                </Link>
              ),
            ],
            [
              t("admin.payments.kind"),
              `${word("kind", payment.kind)}, ${word("period", payment.period)}`,
            ],
            [t("admin.payments.method"), payment.method],
            [t("admin.payment.created"), format.moment(payment.createdAt)],
            [t("admin.payment.captured"), payment.capturedAt && format.moment(payment.capturedAt)],
            [t("admin.payment.reason"), payment.reason && word("reason", payment.reason)],
            [t("admin.payment.fee"), payment.fee === null ? null : format.money(payment.fee)],
            [t("admin.payment.refunded"), format.money(payment.refunded)],
            [t("admin.payment.receipt"), word("receipt", payment.receipt ?? "none")],
            [
              t("admin.payment.order"),
              <State key="order" code={payment.orderStatus}>
                {word("status", payment.orderStatus)}
              </State>,
            ],
            [t("admin.payment.price"), format.money(order.price)],
            [t("admin.payment.discount"), discount(payment, format.money)],
            [t("admin.payment.consent"), order.consentAt && format.moment(order.consentAt)],
            [
              t("admin.payment.provider"),
              <code key="id" className="font-mono text-xs">
                {payment.providerId ?? "—"}
              </code>,
            ],
            [
              t("admin.payment.id"),
              <code key="own" className="font-mono text-xs">
                {payment.id}
              </code>,
            ],
          ]}
        />
      </Panel>
      <Panel title={t("admin.payment.refunds")}>
        <Refunds rows={payment.refunds} />
      </Panel>
      <Panel title={t("admin.payment.grants")} lead={t("admin.payment.grantsLead")}>
        <Grants rows={payment.grants} />
      </Panel>
      <Panel title={t("admin.payment.attempts")} lead={t("admin.payment.attemptsLead")}>
        <Attempts rows={payment.attempts} current={payment.id} />
      </Panel>
      <Panel title={t("admin.payment.notifications")} lead={t("admin.payment.notificationsLead")}>
        <Notifications rows={payment.notifications} />
      </Panel>
      <Panel title={t("admin.payment.ledger")} lead={t("admin.payment.ledgerLead")}>
        <LedgerLines rows={payment.ledger} />
      </Panel>
      <Panel title={t("admin.payment.history")}>
        <AuditList rows={payment.history} />
      </Panel>
      {refunding && <RefundDialog payment={payment} onClose={() => setRefunding(false)} />}
    </>
  );
}

function discount(payment: PaymentDetail, money: (amount: number) => string): string {
  const { order } = payment;
  const parts = [
    order.discount > 0 &&
      `−${money(order.discount)}${order.promoCode ? ` (${order.promoCode})` : ""}`,
    order.credit > 0 && `−${money(order.credit)}`,
  ].filter(Boolean);
  return parts.join(", ") || "—";
}
