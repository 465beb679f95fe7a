import type { TFunction } from "i18next";

function dayDistance(from: Date, to: Date): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((day(to) - day(from)) / 86_400_000);
}

/** "today at 18:40", "tomorrow at 00:00", in the reader's own time zone. */
export function formatMoment(
  t: TFunction,
  language: string,
  iso: string,
  now = new Date(),
): string {
  const moment = new Date(iso);
  const time = moment.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
  const distance = dayDistance(now, moment);
  if (distance === 0) return t("time.today", { time });
  if (distance === 1) return t("time.tomorrow", { time });
  const date = moment.toLocaleDateString(language, { day: "numeric", month: "long" });
  return t("time.date", { date, time });
}
