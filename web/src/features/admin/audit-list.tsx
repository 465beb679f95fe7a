import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { AuditInfo } from "@/client/types.gen";
import { useFormat, useWord } from "@/features/admin/format";
import { Nothing } from "@/features/admin/parts";

/** What happened, one line each. */
export function AuditList({
  rows,
  people = false,
}: {
  rows: readonly AuditInfo[];
  people?: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useWord();
  if (rows.length === 0) return <Nothing />;
  return (
    <ol className="divide-y divide-line text-sm">
      {rows.map((row) => (
        <li key={row.id} className="px-4 py-2.5">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4">
            <span className="font-medium">{word("action", row.action)}</span>
            <time dateTime={row.at} className="text-xs text-text-3">
              {format.moment(row.at)}
            </time>
          </div>
          <p className="text-text-3 wrap-anywhere">
            {actor(row, t)}
            {people && row.userId !== null && (
              <>
                {" · "}
                <Link
                  to="/admin/users/$userId"
                  params={{ userId: row.userId }}
                  className="underline underline-offset-3"
                >
                  {t("admin.audit.concerns")}
                </Link>
              </>
            )}
            {details(row.details)}
          </p>
        </li>
      ))}
    </ol>
  );
}

function actor(
  row: AuditInfo,
  t: (
    key: "admin.audit.system" | "admin.audit.operator" | "admin.audit.self" | "admin.audit.admin",
  ) => string,
) {
  if (row.actor === "system") return t("admin.audit.system");
  if (row.actor === "operator") return t("admin.audit.operator");
  return t(row.actor === row.userId ? "admin.audit.self" : "admin.audit.admin");
}

function details(content: { [key: string]: unknown }): string {
  const parts = Object.entries(content)
    .filter(([, value]) => value !== null && value !== "")
    .map(([key, value]) => `${key}: ${key === "amount" ? Number(value) / 100 : String(value)}`);
  return parts.length > 0 ? ` · ${parts.join(", ")}` : "";
}
