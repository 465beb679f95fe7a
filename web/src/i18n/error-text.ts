import type { TFunction } from "i18next";
import { formatMoment } from "@/i18n/moments";
import type ru from "@/i18n/ru.json";
import type { ApiError } from "@/lib/api/errors";

type ErrorKey = keyof (typeof ru)["errors"];

/** One human sentence for any failure, with the numbers and the time the server sent along. */
export function errorText(
  t: TFunction,
  language: string,
  error: Pick<ApiError, "code" | "details">,
  now = new Date(),
): string {
  const { limit, used, resetsAt, retryAfter } = error.details;
  const until =
    resetsAt ?? (retryAfter && new Date(now.getTime() + retryAfter * 1000).toISOString());
  const timed = `errors.${error.code}_until`;
  const exists = (key: string) => t(key as "errors.UNKNOWN", { defaultValue: "", code: "" }) !== "";
  if (until && exists(timed)) {
    const when = formatMoment(t, language, until, now);
    return t(timed as "errors.MESSAGE_LIMIT_REACHED_until", { limit, used: used ?? limit, when });
  }
  const key = `errors.${error.code as ErrorKey}` as const;
  return exists(key) ? t(key, { code: error.code }) : t("errors.UNKNOWN", { code: error.code });
}
