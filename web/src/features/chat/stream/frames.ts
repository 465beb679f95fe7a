/** What the server says about a generation, one object per event of the stream. */
export type Frame =
  | {
      type: "start";
      messageId: string;
      userMessageId: string;
      generationId: string;
      model: string;
    }
  | { type: "delta"; delta: string }
  | { type: "reasoning"; reasoning: string }
  | { type: "title"; title: string }
  | {
      type: "done";
      done: true;
      tokensUsed: number;
      finishReason: string;
      cost?: string | null;
    }
  | { type: "error"; error: { code: string; message: string; retryable?: boolean } };

/** One numbered frame; `null` for what this version of the page does not understand. */
export function parseFrame(id: string | null, data: string): { seq: number; frame: Frame } | null {
  const seq = Number(id);
  if (!Number.isInteger(seq) || seq < 1) return null;
  try {
    const frame: unknown = JSON.parse(data);
    if (typeof frame !== "object" || frame === null || !("type" in frame)) return null;
    return { seq, frame: frame as Frame };
  } catch {
    return null;
  }
}
