import { useTranslation } from "react-i18next";
import { formatDay, formatNumber, formatRoubles } from "@/features/billing/format";

/** Prices, days and numbers in the reader's language. */
export function useFormat() {
  const { language } = useTranslation().i18n;
  return {
    price: (amount: number) => formatRoubles(language, amount),
    day: (iso: string) => formatDay(language, iso),
    number: (amount: number) => formatNumber(language, amount),
  };
}
