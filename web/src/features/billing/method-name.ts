import type { TFunction } from "i18next";

/** The provider names methods in English ("Bank card *4444"); people get their own words. */
export function methodName(t: TFunction, title: string): string {
  const digits = /(\d{4})\D*$/.exec(title)?.[1];
  if (digits === undefined) return title;
  if (/bank card/i.test(title)) return t("billing.card", { digits });
  if (/yoomoney|юmoney/i.test(title)) return t("billing.wallet", { digits });
  return title;
}
