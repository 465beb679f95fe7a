import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { MailInfo } from "@/client/types.gen";
import { Select } from "@/components/ui/select";
import { SearchBox, useFilter } from "@/features/admin/filters";
import { useFormat, useWord } from "@/features/admin/format";
import { LoadedPages, Nothing, State } from "@/features/admin/parts";
import { type MailFilter, mailsQuery } from "@/features/admin/queries";

const STATES = ["queued", "sent", "logged", "failed"] as const;

/** Every letter with its text, sent or not: without a mail server this is where they stay. */
export function MailsPage() {
  const { t } = useTranslation();
  const filter = useFilter<"q" | "status">();
  const status = STATES.find((state) => state === filter.get("status"));
  const wanted: MailFilter = {
    ...(filter.get("q") && { q: filter.get("q") }),
    ...(status && { status }),
  };
  const query = useInfiniteQuery(mailsQuery(wanted));
  return (
    <>
      <search className="flex flex-wrap items-center gap-2">
        <SearchBox
          label={t("admin.mail.search")}
          value={filter.get("q")}
          onChange={(value) => filter.set("q", value)}
        />
        <Select
          label={t("admin.payments.state")}
          value={status ?? ""}
          onChange={(event) => filter.set("status", event.target.value)}
        >
          <option value="">{t("admin.payments.anyState")}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {t(`admin.mail.${state}`)}
            </option>
          ))}
        </Select>
      </search>
      <LoadedPages query={query}>{(rows) => <Letters rows={rows} />}</LoadedPages>
    </>
  );
}

function Letters({ rows }: { rows: readonly MailInfo[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  if (rows.length === 0) return <Nothing />;
  return (
    <ul className="divide-y divide-line text-sm">
      {rows.map((mail) => (
        <li key={mail.id}>
          <details className="px-4 py-2.5">
            <summary className="cursor-pointer rounded-sm">
              <span className="inline-flex w-[calc(100%-1.25rem)] flex-wrap items-baseline justify-between gap-x-3 align-top">
                <span className="min-w-0 wrap-anywhere">
                  <span className="font-medium">{mail.subject}</span>{" "}
                  <span className="text-text-3">{mail.recipient}</span>
                </span>
                <span className="flex items-center gap-2 text-xs text-text-3">
                  <State code={mail.status}>{word("mail", mail.status)}</State>
                  {format.moment(mail.sentAt ?? mail.createdAt)}
                </span>
              </span>
            </summary>
            <p className="mt-2 rounded-md bg-sunken p-3 whitespace-pre-wrap wrap-anywhere">
              {mail.text ?? t("admin.mail.private")}
            </p>
            {mail.problem && <p className="mt-2 text-danger wrap-anywhere">{mail.problem}</p>}
          </details>
        </li>
      ))}
    </ul>
  );
}
