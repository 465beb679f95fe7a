import { queryOptions, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { getUsage } from "@/client/sdk.gen";
import { formatMoment } from "@/i18n/moments";
import { http } from "@/lib/api/http";
import { cn } from "@/lib/cn";
import { keys } from "@/lib/query-keys";

export const usageQuery = queryOptions({
  queryKey: keys.usage,
  queryFn: async ({ signal }) => (await getUsage({ ...http, signal })).data.data,
});

/** Today's messages: a quiet line that grows, and speaks up when few are left; `more` says how to have more. */
export function UsageMeter({ more }: { more?: ReactNode }) {
  const { t, i18n } = useTranslation();
  const { data } = useQuery(usageQuery);
  if (data === undefined) return <div className="h-9" />;
  const { limit, used, resetsAt } = data.messages;
  const number = (value: number) => value.toLocaleString(i18n.language);
  const left = Math.max(limit - used, 0);
  const low = left <= limit / 10;
  const resets = t("usage.resets", { when: formatMoment(t, i18n.language, resetsAt) });
  return (
    <div className="px-2.5 py-1.5" title={`${t("usage.left", { count: left })}. ${resets}`}>
      <div className="mb-1.5 flex justify-between text-xs text-text-3">
        <span className={cn("tabular-nums", low && "font-medium text-warn")}>
          {t("usage.today", { used: number(used), limit: number(limit) })}
        </span>
      </div>
      <progress
        aria-label={t("usage.label")}
        aria-valuetext={t("usage.left", { count: left })}
        max={limit}
        value={Math.min(used, limit)}
        className={cn("usage-bar", low && "usage-bar-low")}
      />
      {low && (
        <p className="mt-1.5 text-xs text-text-3">
          {resets} {more}
        </p>
      )}
    </div>
  );
}
