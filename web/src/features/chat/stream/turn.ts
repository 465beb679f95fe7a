import type { Answer } from "@/features/chat/stream/answer";
import type { ApiError } from "@/lib/api/errors";

/**
 * A turn this page is busy with: sent or picked up, its answer growing. It lives outside of React and the
 * query cache, so that switching chats interrupts nothing, and ends by becoming cached messages.
 */
export interface Turn {
  /** What was sent; null when the turn was picked up from the server (reload, another tab). */
  sent: { content: string; clientMessageId: string; at: string } | null;
  answer: Answer;
  phase: "sending" | "streaming" | "reconnecting" | "failed";
  stopping: boolean;
  /** When reasoning began and ended here, for "thought for 12 s". */
  thinking: { from: number; to: number | null } | null;
  error: ApiError | null;
}

/** Where the turn of a chat that does not exist yet is kept. */
export const NEW_CHAT = "new";
