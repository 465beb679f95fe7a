import i18next from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

/** Amounts, shares and moments in the reader's language. */
export function useFormat() {
  const { i18n } = useTranslation();
  const { language } = i18n;
  return useMemo(() => {
    const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
    const compact = new Intl.NumberFormat(language, {
      notation: "compact",
      maximumFractionDigits: 1,
    });
    const moment = new Intl.DateTimeFormat(language, {
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "numeric",
      minute: "2-digit",
    });
    const nearMoment = new Intl.DateTimeFormat(language, {
      day: "numeric",
      month: "short",
      hour: "numeric",
      minute: "2-digit",
    });
    const day = new Intl.DateTimeFormat(language, {
      day: "numeric",
      month: "short",
      year: "numeric",
    });
    const shortDay = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
    return {
      language,
      money: (amount: number, currency = "RUB") => {
        const digits = Number.isInteger(amount) ? 0 : 2;
        return new Intl.NumberFormat(language, {
          style: "currency",
          currency,
          currencyDisplay: "narrowSymbol",
          minimumFractionDigits: digits,
          maximumFractionDigits: digits,
        }).format(amount);
      },
      /** Without kopecks, for what is only looked at. */
      roubles: (amount: number) =>
        new Intl.NumberFormat(language, {
          style: "currency",
          currency: "RUB",
          currencyDisplay: "narrowSymbol",
          maximumFractionDigits: Math.abs(amount) < 10 && !Number.isInteger(amount) ? 2 : 0,
        }).format(amount),
      number: (value: number) => whole.format(value),
      compact: (value: number) => compact.format(value),
      share: (value: number) => share.format(value),
      /** The year only where it is another one. */
      moment: (iso: string) => {
        const date = new Date(iso);
        const near = date.getFullYear() === new Date().getFullYear();
        return (near ? nearMoment : moment).format(date);
      },
      day: (iso: string) => day.format(new Date(iso)),
      /** Of a calendar day `2026-11-27`, whatever the reader's zone. */
      calendarDay: (date: string) => shortDay.format(new Date(`${date}T12:00:00`)),
    };
  }, [language]);
}

export type Format = ReturnType<typeof useFormat>;

/** A word of the server's in the reader's language; a word nobody has translated is shown as it is. */
export function useWord(): (group: string, code: string | null | undefined) => string {
  useTranslation();
  return (group, code) => {
    if (code === null || code === undefined || code === "") return "—";
    const key = `admin.${group}.${code}`;
    return i18next.exists(key) ? String(i18next.t(key as never)) : code;
  };
}
