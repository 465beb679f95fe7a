import type { TFunction } from "i18next";
import type texts from "@/i18n/billing/ru.json";

/** Why a payment came to nothing, in plain words with a way on; the provider's word may be one we have never heard. */
export function reasonText(t: TFunction, reason: string | null): string {
  const key = `reasons.${reason ?? "other"}` as `reasons.${keyof typeof texts.reasons}`;
  return t(key, { defaultValue: t("reasons.other") });
}
