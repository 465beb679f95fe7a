import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { adminExportPayments } from "@/client/sdk.gen";
import type { PaymentInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { DownloadIcon } from "@/components/ui/icons";
import { Select } from "@/components/ui/select";
import { DateBox, SearchBox, useFilter } from "@/features/admin/filters";
import { useFormat, useWord } from "@/features/admin/format";
import { LoadedPages, State } from "@/features/admin/parts";
import { usePaymentColumns } from "@/features/admin/payment-columns";
import { type PaymentFilter, paymentsQuery } from "@/features/admin/queries";
import { Table } from "@/features/admin/table";
import { useErrorText } from "@/i18n/use-error-text";
import { http } from "@/lib/api/http";
import { saveFile } from "@/lib/save-file";
import { showToast } from "@/lib/toasts";

const STATES = ["succeeded", "pending", "canceled", "refused", "refunded", "problem"] as const;
const KINDS = ["purchase", "renewal", "change", "trial", "card"] as const;

export function PaymentsPage() {
  const { t } = useTranslation();
  const filter = useFilter<"status" | "kind" | "q" | "since" | "until">();
  const wanted: PaymentFilter = {
    ...(filter.get("status") && { status: filter.get("status") }),
    ...(filter.get("kind") && { kind: filter.get("kind") }),
    ...(filter.get("q") && { q: filter.get("q") }),
    ...(filter.get("since") && { since: dayStart(filter.get("since"), 0) }),
    ...(filter.get("until") && { until: dayStart(filter.get("until"), 1) }),
  };
  const query = useInfiniteQuery(paymentsQuery(wanted));
  return (
    <>
      <search className="flex flex-wrap items-center gap-2">
        <SearchBox
          label={t("admin.payments.search")}
          value={filter.get("q")}
          onChange={(value) => filter.set("q", value)}
        />
        <Select
          label={t("admin.payments.state")}
          value={filter.get("status")}
          onChange={(event) => filter.set("status", event.target.value)}
        >
          <option value="">{t("admin.payments.anyState")}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {t(`admin.status.${state}`)}
            </option>
          ))}
        </Select>
        <Select
          label={t("admin.payments.kind")}
          value={filter.get("kind")}
          onChange={(event) => filter.set("kind", event.target.value)}
        >
          <option value="">{t("admin.payments.anyKind")}</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t(`admin.kind.${kind}`)}
            </option>
          ))}
        </Select>
        <DateBox
          label={t("admin.payments.since")}
          value={filter.get("since")}
          onChange={(value) => filter.set("since", value)}
        />
        <DateBox
          label={t("admin.payments.until")}
          value={filter.get("until")}
          onChange={(value) => filter.set("until", value)}
        />
        <Export filter={wanted} />
      </search>
      <LoadedPages query={query}>{(rows) => <Payments rows={rows} />}</LoadedPages>
    </>
  );
}

/** A calendar day of the reader's zone as a moment. */
function dayStart(day: string, later: number): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + later);
  return Number.isNaN(date.getTime()) ? "1970-01-01T00:00:00Z" : date.toISOString();
}

export function Payments({ rows }: { rows: readonly PaymentInfo[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  const columns = usePaymentColumns();
  return (
    <Table
      caption={t("admin.payments.title")}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        columns.when((row: PaymentInfo) => (
          <Link
            to="/admin/payments/$paymentId"
            params={{ paymentId: row.id }}
            className="block max-w-30 whitespace-nowrap underline-offset-3 hover:underline md:max-w-none"
          >
            {format.moment(row.createdAt)}
            <span className="block truncate text-text-3 md:hidden">{row.email}</span>
          </Link>
        )),
        {
          key: "who",
          header: t("admin.users.person"),
          wide: true,
          cell: (row) => <span className="block max-w-60 truncate">{row.email}</span>,
        },
        {
          key: "what",
          header: t("admin.payments.kind"),
          wide: true,
          cell: (row) => (
            <>
              {word("kind", row.kind)}
              <span className="block text-text-3">{word("period", row.period)}</span>
            </>
          ),
        },
        columns.state((row: PaymentInfo) => (
          <>
            {row.refunded > 0 && <State code="refunded">{word("status", "refunded")}</State>}
            {row.problem && <State code="failed">{word("status", "problem")}</State>}
            {row.reason && row.status !== "succeeded" && (
              <span className="w-full text-xs text-text-3">{word("reason", row.reason)}</span>
            )}
          </>
        )),
        {
          key: "method",
          header: t("admin.payments.method"),
          wide: true,
          cell: (row) => row.method ?? "—",
        },
        columns.amount(
          (row: PaymentInfo) =>
            row.refunded > 0 && (
              <span className="block text-xs text-text-3">−{format.money(row.refunded)}</span>
            ),
        ),
      ]}
    />
  );
}

function Export({ filter }: { filter: PaymentFilter }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  async function save() {
    setBusy(true);
    try {
      const { data } = await adminExportPayments({ ...http, query: filter, parseAs: "text" });
      // The mark at the beginning tells Excel that this is UTF-8.
      saveFile("payments.csv", `\uFEFF${String(data)}`);
    } catch (error) {
      showToast(errorText(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Button size="sm" busy={busy} onClick={() => void save()}>
      <DownloadIcon />
      {t("admin.payments.export")}
    </Button>
  );
}
