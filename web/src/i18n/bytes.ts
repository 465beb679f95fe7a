/** A size in the largest unit that leaves a whole number. */
export function formatBytes(language: string, bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let amount = bytes;
  let at = 0;
  while (amount >= 1000 && at < units.length - 1) {
    amount /= 1024;
    at += 1;
  }
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[at],
    maximumFractionDigits: at > 1 && amount < 10 ? 1 : 0,
  }).format(amount);
}
