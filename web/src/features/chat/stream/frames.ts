import type {
  DeltaEvent,
  DoneEvent,
  ErrorEvent,
  ReasoningEvent,
  StartEvent,
  TitleEvent,
} from "@/client/types.gen";

/** What the server says about a generation, one object per event of the stream. */
export type Frame = StartEvent | DeltaEvent | ReasoningEvent | TitleEvent | DoneEvent | ErrorEvent;

/** One numbered frame; `null` for what is no frame. */
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
