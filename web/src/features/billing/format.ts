/** Roubles, without kopecks where there are none. */
export function formatRoubles(language: string, amount: number): string {
  const whole = Number.isInteger(amount);
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency: "RUB",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: whole ? 0 : 2,
    maximumFractionDigits: whole ? 0 : 2,
  }).format(amount);
}

/** "27 December 2026" */
export const formatDay = (language: string, iso: string) =>
  new Date(iso)
    .toLocaleDateString(language, { day: "numeric", month: "long", year: "numeric" })
    .replace(/\s*г\.$/, "");

export const formatNumber = (language: string, amount: number) =>
  new Intl.NumberFormat(language).format(amount);
