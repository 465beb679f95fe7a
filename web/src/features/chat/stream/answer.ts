import type { Frame } from "@/features/chat/stream/frames";

/** An answer as far as its frames have arrived. */
export interface Answer {
  /** Number of the last frame taken in; reading goes on after it. */
  seq: number;
  generationId: string | null;
  messageId: string | null;
  userMessageId: string | null;
  model: string | null;
  text: string;
  reasoning: string;
  end: null | {
    status: "complete" | "stopped" | "interrupted" | "failed";
    finishReason: string | null;
    tokensUsed: number;
    cost: string | null;
    errorCode: string | null;
  };
}

export const emptyAnswer: Answer = {
  seq: 0,
  generationId: null,
  messageId: null,
  userMessageId: null,
  model: null,
  text: "",
  reasoning: "",
  end: null,
};

/**
 * Takes in one frame. Frames already seen change nothing, so that a resumed stream may overlap the old one;
 * `"gap"` says that frames are missing in between, and the caller has to read again from `answer.seq`.
 */
export function takeFrame(answer: Answer, seq: number, frame: Frame): Answer | "gap" {
  if (answer.end !== null || seq <= answer.seq) return answer;
  if (seq > answer.seq + 1) return "gap";
  const next: Answer = { ...answer, seq };
  switch (frame.type) {
    case "start":
      next.generationId = frame.generationId;
      next.messageId = frame.messageId;
      next.userMessageId = frame.userMessageId;
      next.model = frame.model;
      return next;
    case "delta":
      next.text += frame.delta;
      return next;
    case "reasoning":
      next.reasoning += frame.reasoning;
      return next;
    case "done":
      next.end = {
        status: frame.finishReason === "stopped" ? "stopped" : "complete",
        finishReason: frame.finishReason,
        tokensUsed: frame.tokensUsed,
        cost: frame.cost ?? null,
        errorCode: null,
      };
      return next;
    case "error":
      next.end = {
        // As it is stored: what a stopping server broke off can be gone on with.
        status: frame.error.code === "INTERRUPTED" ? "interrupted" : "failed",
        finishReason: null,
        tokensUsed: 0,
        cost: null,
        errorCode: frame.error.code,
      };
      return next;
    default:
      return next;
  }
}
