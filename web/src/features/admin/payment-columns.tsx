import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat, useWord } from "@/features/admin/format";
import { State } from "@/features/admin/parts";
import type { Column } from "@/features/admin/table";

/** What tables of payments, refunds and the like have in common. */
export function usePaymentColumns() {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  return {
    when: <Row,>(cell: (row: Row) => ReactNode): Column<Row> => ({
      key: "when",
      header: t("admin.payments.when"),
      cell,
    }),
    state: <Row extends { status: string }>(more?: (row: Row) => ReactNode): Column<Row> => ({
      key: "state",
      header: t("admin.payments.state"),
      cell: (row) => (
        <span className="flex flex-wrap gap-1">
          <State code={row.status}>{word("status", row.status)}</State>
          {more?.(row)}
        </span>
      ),
    }),
    amount: <Row extends { amount: number }>(more?: (row: Row) => ReactNode): Column<Row> => ({
      key: "amount",
      header: t("admin.payments.amount"),
      number: true,
      cell: (row) => (
        <>
          {format.money(row.amount)}
          {more?.(row)}
        </>
      ),
    }),
  };
}
