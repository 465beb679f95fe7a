import type { Turn } from "@/features/chat/stream/turn";

/** How long answers were reasoned about, in seconds, by message: what this tab saw, also over a reload. */
const KEY = "thoughts";
const KEPT = 200;
const seconds = new Map<string, number>(read());

function read(): [string, number][] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as [string, number][];
  } catch {
    return [];
  }
}

export function thoughtSeconds(turn: Turn): number | null {
  if (!turn.thinking?.to) return null;
  return Math.max(1, Math.round((turn.thinking.to - turn.thinking.from) / 1000));
}

export function rememberThought(messageId: string | null, turn: Turn) {
  const time = thoughtSeconds(turn);
  if (messageId === null || time === null) return;
  seconds.set(messageId, time);
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...seconds].slice(-KEPT)));
  } catch {
    // Only comfort is lost.
  }
}

export const rememberedThought = (messageId: string): number | null =>
  seconds.get(messageId) ?? null;
