import type { ChatInfo } from "@/client/types.gen";

export type DayKey = "today" | "yesterday" | "week" | "month" | `month:${string}`;

export interface DayGroup {
  key: DayKey;
  chats: ChatInfo[];
}

const DAY_MS = 86_400_000;
const dayOf = (date: Date) =>
  Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS;

/** Found out once for each chat: the calendar is dear, and there may be ten thousand of them. */
const moments = new WeakMap<ChatInfo, { day: number; month: DayKey }>();

function momentOf(chat: ChatInfo) {
  const known = moments.get(chat);
  if (known !== undefined) return known;
  const then = new Date(chat.updatedAt);
  const month = String(then.getMonth() + 1).padStart(2, "0");
  const found = { day: dayOf(then), month: `month:${then.getFullYear()}-${month}` as const };
  moments.set(chat, found);
  return found;
}

function keyOf(chat: ChatInfo, today: number): DayKey {
  const { day, month } = momentOf(chat);
  const days = today - day;
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  if (days <= 7) return "week";
  if (days <= 30) return "month";
  return month;
}

/** Chats come newest first; each run of the same day becomes a group. */
export function groupByDay(chats: ChatInfo[], now = new Date()): DayGroup[] {
  const groups: DayGroup[] = [];
  const today = dayOf(now);
  for (const chat of chats) {
    const key = keyOf(chat, today);
    const last = groups.at(-1);
    if (last?.key === key) last.chats.push(chat);
    else groups.push({ key, chats: [chat] });
  }
  return groups;
}
