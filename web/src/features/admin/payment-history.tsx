import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { AttemptInfo, LedgerLine, NotificationInfo, RefundInfo } from "@/client/types.gen";
import { useFormat, useWord } from "@/features/admin/format";
import { usePaymentColumns } from "@/features/admin/payment-columns";
import { Table } from "@/features/admin/table";

export function Refunds({ rows }: { rows: readonly RefundInfo[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  const columns = usePaymentColumns();
  return (
    <Table
      caption={t("admin.payment.refunds")}
      rows={rows}
      rowKey={(row) => row.id}
      empty={t("admin.payment.noRefunds")}
      columns={[
        columns.when((row: RefundInfo) => format.moment(row.createdAt)),
        columns.state(
          (row: RefundInfo) =>
            row.problem && (
              <span className="w-full text-xs text-danger">{word("reason", row.problem)}</span>
            ),
        ),
        {
          key: "why",
          header: t("admin.refund.reason"),
          cell: (row) => (
            <span className="block min-w-32 wrap-anywhere">
              {row.reason}
              <span className="block text-xs text-text-3">{word("cause", row.cause)}</span>
            </span>
          ),
        },
        {
          key: "receipt",
          header: t("admin.payment.receipt"),
          wide: true,
          cell: (row) => word("receipt", row.receipt ?? "none"),
        },
        columns.amount(),
      ]}
    />
  );
}

export function Attempts({ rows, current }: { rows: readonly AttemptInfo[]; current: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  const columns = usePaymentColumns();
  return (
    <Table
      caption={t("admin.payment.attempts")}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        columns.when((row: AttemptInfo) =>
          row.id === current ? (
            <b className="font-semibold whitespace-nowrap">{format.moment(row.createdAt)}</b>
          ) : (
            <Link
              to="/admin/payments/$paymentId"
              params={{ paymentId: row.id }}
              className="whitespace-nowrap underline underline-offset-3"
            >
              {format.moment(row.createdAt)}
            </Link>
          ),
        ),
        columns.state(),
        {
          key: "reason",
          header: t("admin.payment.reason"),
          cell: (row) => word("reason", row.reason),
        },
        columns.amount(),
      ]}
    />
  );
}

export function Notifications({ rows }: { rows: readonly NotificationInfo[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns = usePaymentColumns();
  return (
    <Table
      caption={t("admin.payment.notifications")}
      rows={rows}
      rowKey={(row) => `${row.event} ${row.objectId}`}
      empty={t("admin.payment.noNotifications")}
      columns={[
        columns.when((row: NotificationInfo) => (
          <span className="whitespace-nowrap">{format.moment(row.receivedAt)}</span>
        )),
        {
          key: "event",
          header: t("admin.notification.event"),
          cell: (row) => <code className="font-mono text-xs">{row.event}</code>,
        },
        {
          key: "sender",
          header: t("admin.notification.sender"),
          wide: true,
          cell: (row) => row.sender,
        },
        {
          key: "times",
          header: t("admin.notification.times"),
          number: true,
          cell: (row) => row.deliveries,
        },
        {
          key: "outcome",
          header: t("admin.notification.outcome"),
          wide: true,
          cell: (row) => row.outcome ?? "—",
        },
      ]}
    />
  );
}

export function LedgerLines({ rows }: { rows: readonly LedgerLine[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  return (
    <Table
      caption={t("admin.payment.ledger")}
      rows={rows}
      rowKey={(row) => `${row.at} ${row.kind} ${row.account}`}
      empty={t("admin.payment.noLedger")}
      columns={[
        {
          key: "when",
          header: t("admin.payments.when"),
          wide: true,
          cell: (row) => format.moment(row.at),
        },
        {
          key: "kind",
          header: t("admin.ledger.movement"),
          cell: (row) => word("movement", row.kind),
        },
        {
          key: "account",
          header: t("admin.ledger.account"),
          cell: (row) => word("account", row.account),
        },
        {
          key: "debit",
          header: t("admin.ledger.debit"),
          number: true,
          cell: (row) => (row.amount > 0 ? format.money(row.amount) : ""),
        },
        {
          key: "credit",
          header: t("admin.ledger.credit"),
          number: true,
          cell: (row) => (row.amount < 0 ? format.money(-row.amount) : ""),
        },
      ]}
    />
  );
}
