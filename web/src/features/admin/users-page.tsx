import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { UserInfo } from "@/client/types.gen";
import { Select } from "@/components/ui/select";
import { SearchBox, useFilter } from "@/features/admin/filters";
import { useFormat } from "@/features/admin/format";
import { LoadedPages, State } from "@/features/admin/parts";
import { type UserFilter, usersQuery } from "@/features/admin/queries";
import { Table } from "@/features/admin/table";

const ONLY = ["premium", "blocked", "admin"] as const;

export function UsersPage() {
  const { t } = useTranslation();
  const filter = useFilter<"q" | "only">();
  const only = ONLY.find((one) => one === filter.get("only"));
  const wanted: UserFilter = {
    ...(filter.get("q") && { q: filter.get("q") }),
    ...(only && { only }),
  };
  const query = useInfiniteQuery(usersQuery(wanted));
  return (
    <>
      <search className="flex flex-wrap items-center gap-2">
        <SearchBox
          label={t("admin.users.search")}
          value={filter.get("q")}
          onChange={(value) => filter.set("q", value)}
        />
        <Select
          label={t("admin.users.only")}
          value={only ?? ""}
          onChange={(event) => filter.set("only", event.target.value)}
        >
          <option value="">{t("admin.users.all")}</option>
          <option value="premium">Premium</option>
          <option value="blocked">{t("admin.users.blocked")}</option>
          <option value="admin">{t("admin.users.admins")}</option>
        </Select>
      </search>
      <LoadedPages query={query}>{(rows) => <People rows={rows} />}</LoadedPages>
    </>
  );
}

function People({ rows }: { rows: readonly UserInfo[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table
      caption={t("admin.users.title")}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          key: "who",
          header: t("admin.users.person"),
          cell: (row) => (
            <Link
              to="/admin/users/$userId"
              params={{ userId: row.id }}
              className="block max-w-72 underline-offset-3 hover:underline"
            >
              <span className="block truncate">{row.email}</span>
              {row.fullName && <span className="block truncate text-text-3">{row.fullName}</span>}
            </Link>
          ),
        },
        {
          key: "plan",
          header: t("admin.users.plan"),
          cell: (row) => (
            <span className="flex flex-wrap gap-1">
              <Plan user={row} />
              {row.role === "admin" && <State code="admin">{t("admin.users.admin")}</State>}
              {row.blockedAt && <State code="blocked">{t("admin.users.isBlocked")}</State>}
            </span>
          ),
        },
        {
          key: "until",
          header: t("admin.users.until"),
          wide: true,
          cell: (row) =>
            row.subscriptionTier !== "premium"
              ? "—"
              : row.subscriptionExpiresAt === null
                ? t("admin.grants.forEver")
                : format.day(row.subscriptionExpiresAt),
        },
        {
          key: "since",
          header: t("admin.users.registered"),
          wide: true,
          cell: (row) => format.day(row.createdAt),
        },
      ]}
    />
  );
}

export function Plan({ user }: { user: { subscriptionTier: string } }) {
  const { t } = useTranslation();
  return (
    <State code={user.subscriptionTier}>
      {user.subscriptionTier === "premium" ? "Premium" : t("admin.dashboard.free")}
    </State>
  );
}
