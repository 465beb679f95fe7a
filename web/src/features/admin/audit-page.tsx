import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import { AuditList } from "@/features/admin/audit-list";
import { useFilter } from "@/features/admin/filters";
import { LoadedPages } from "@/features/admin/parts";
import { type AuditFilter, auditQuery } from "@/features/admin/queries";

const KINDS = [
  "order",
  "payment",
  "refund",
  "renewal",
  "subscription",
  "user",
  "promo",
  "prices",
] as const;
const ID = /^[0-9a-f-]{36}$/i;

export function AuditPage() {
  const { t } = useTranslation();
  const filter = useFilter<"q" | "userId">();
  const userId = ID.test(filter.get("userId")) ? filter.get("userId") : "";
  const wanted: AuditFilter = {
    ...(filter.get("q") && { q: filter.get("q") }),
    ...(userId && { userId }),
  };
  const query = useInfiniteQuery(auditQuery(wanted));
  return (
    <>
      <search className="flex flex-wrap items-center gap-2">
        <Select
          label={t("admin.audit.kind")}
          value={filter.get("q")}
          onChange={(event) => filter.set("q", event.target.value)}
        >
          <option value="">{t("admin.audit.all")}</option>
          {KINDS.map((kind) => (
            <option key={kind} value={`${kind}.`}>
              {t(`admin.about.${kind}`)}
            </option>
          ))}
        </Select>
        {userId && (
          <Button size="sm" onClick={() => filter.set("userId", "")}>
            {t("admin.audit.onePerson")} ✕
          </Button>
        )}
      </search>
      <LoadedPages query={query}>{(rows) => <AuditList rows={rows} people />}</LoadedPages>
    </>
  );
}
