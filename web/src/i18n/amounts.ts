/** US dollars, as small as answers cost; null for nothing. */
export function formatCost(language: string, dollars: string | null): string | null {
  const amount = Number(dollars);
  if (!(amount > 0)) return null;
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    maximumSignificantDigits: 2,
  }).format(amount);
}

/** The time of today, the date of any other day. */
export function formatTime(language: string, moment: Date, now = new Date()): string {
  if (moment.toDateString() === now.toDateString()) {
    return moment.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
  }
  const year = moment.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return moment.toLocaleDateString(language, { day: "numeric", month: "short", year });
}

export const formatCompact = (language: string, number: number) =>
  new Intl.NumberFormat(language, { notation: "compact" }).format(number);
