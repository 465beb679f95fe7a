import type { Turn } from "@/features/chat/stream/turn";

/** How long the answers of this page's life were reasoned about, in seconds, by message. */
const seconds = new Map<string, number>();

export function thoughtSeconds(turn: Turn): number | null {
  if (!turn.thinking?.to) return null;
  return Math.max(1, Math.round((turn.thinking.to - turn.thinking.from) / 1000));
}

export function rememberThought(messageId: string | null, turn: Turn) {
  const time = thoughtSeconds(turn);
  if (messageId !== null && time !== null) seconds.set(messageId, time);
}

export const rememberedThought = (messageId: string): number | null =>
  seconds.get(messageId) ?? null;
