import type { DayInfo } from "@/client/types.gen";

export interface Bucket {
  /** First and last calendar day. */
  from: string;
  to: string;
  revenue: number;
  refunds: number;
  cost: number;
  mrr: number;
  subscribers: number;
  newSubscribers: number;
  failedRenewals: number;
}

const MOST = 92;

/** Days as they are, or weeks where there are more days than a chart can show: flows add up, levels are those at the end. */
export function buckets(days: readonly DayInfo[]): Bucket[] {
  const size = days.length > MOST ? 7 : 1;
  const first = days.length % size;
  const found: Bucket[] = [];
  for (let start = 0; start < days.length; ) {
    const end = start === 0 && first > 0 ? first : start + size;
    const part = days.slice(start, end);
    const last = part.at(-1);
    if (part[0] === undefined || last === undefined) break;
    const sum = (pick: (day: DayInfo) => number) =>
      Math.round(part.reduce((total, day) => total + pick(day), 0) * 100) / 100;
    found.push({
      from: part[0].day,
      to: last.day,
      revenue: sum((day) => day.revenue),
      refunds: sum((day) => day.refunds),
      cost: sum((day) => day.cost),
      mrr: last.mrr,
      subscribers: last.subscribers,
      newSubscribers: sum((day) => day.newSubscribers),
      failedRenewals: sum((day) => day.failedRenewals),
    });
    start = end;
  }
  return found;
}

/** The least of 1, 2, 2.5, 5 × 10ⁿ that is not below the value: where an axis ends. */
export function axisEnd(value: number): number {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((part) => part * power >= value) ?? 10;
  return step * power;
}
