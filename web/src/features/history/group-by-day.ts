import type { ChatInfo } from "@/client/types.gen";

export type DayKey = "today" | "yesterday" | "week" | "month" | `month:${string}`;

export interface DayGroup {
  key: DayKey;
  chats: ChatInfo[];
}

function keyOf(updatedAt: string, now: Date): DayKey {
  const then = new Date(updatedAt);
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((day(now) - day(then)) / 86_400_000);
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  if (days <= 7) return "week";
  if (days <= 30) return "month";
  return `month:${then.getFullYear()}-${String(then.getMonth() + 1).padStart(2, "0")}`;
}

/** Chats come newest first; each run of the same day becomes a group. */
export function groupByDay(chats: ChatInfo[], now = new Date()): DayGroup[] {
  const groups: DayGroup[] = [];
  for (const chat of chats) {
    const key = keyOf(chat.updatedAt, now);
    const last = groups.at(-1);
    if (last?.key === key) last.chats.push(chat);
    else groups.push({ key, chats: [chat] });
  }
  return groups;
}
