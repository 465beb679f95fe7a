import type { FileInfo } from "@/client/types.gen";
import type { Answer } from "@/features/chat/stream/answer";
import type { ApiError } from "@/lib/api/errors";

/** What the server is asked for. The same `clientMessageId` never makes it answer twice. */
export type TurnRequest = { clientMessageId: string } & (
  | { kind: "message"; content: string; models?: string[]; attachments?: string[] }
  | { kind: "edit"; messageId: string; content: string }
  | { kind: "regenerate"; messageId: string; model?: string }
  | { kind: "continue"; messageId: string }
);

/**
 * A turn this page is busy with: asked for or picked up, its answer growing. It lives outside of React and the
 * query cache, so that switching chats interrupts nothing, and ends by becoming cached messages.
 */
export interface Turn {
  chatId: string;
  /** Null when the turn was picked up from the server (reload, another tab). */
  request: TurnRequest | null;
  /** The message it follows: what stood behind it gives way. Undefined when that is not known here. */
  after: string | null | undefined;
  /** Messages beside which the first new one stands. */
  siblings: string[];
  /** The user's message of this turn, when it has one. */
  sent: { content: string; at: string; files: FileInfo[] } | null;
  answer: Answer;
  /** Keys of the turns whose answers are compared with this one's. */
  lanes: string[];
  phase: "sending" | "streaming" | "reconnecting" | "failed" | "ended";
  stopping: boolean;
  /** When reasoning began and ended here, for "thought for 12 s". */
  thinking: { from: number; to: number | null } | null;
  error: ApiError | null;
}

/** An answer is asked for or being written: nothing else can begin. */
export const isBusy = (turn: Turn | null) => turn !== null && turn.phase !== "failed";

/** Where the turn of a chat that does not exist yet is kept. */
export const NEW_CHAT = "new";

/** Where the turn of one of several compared answers is kept. */
export const laneKey = (chatId: string, generationId: string) => `${chatId}/${generationId}`;
