import { type Answer, takeFrame } from "@/features/chat/stream/answer";
import { type Frame, parseFrame } from "@/features/chat/stream/frames";
import { type ApiError, isAbort, NetworkError, toApiError } from "@/lib/api/errors";
import { readEvents } from "@/lib/sse/decoder";

export interface FollowPort {
  /** Opens the stream after the frames `answer` already holds. A null body means there is nothing to read. */
  open(answer: Answer): Promise<ReadableStream<Uint8Array> | null>;
  onAnswer(answer: Answer, frame: Frame): void;
  onConnection(state: "open" | "reconnecting"): void;
  /** Waits before the next attempt; may end early when the network is back. */
  wait(attempt: number): Promise<void>;
}

export type FollowEnd =
  | { kind: "ended"; answer: Answer }
  | { kind: "nothing-to-read"; answer: Answer }
  | { kind: "gave-up"; answer: Answer; error: ApiError };

export const MAX_ATTEMPTS = 12;

/** A refusal will not pass by itself; a lost connection or a restarting server will. */
function isFinal(error: ApiError): boolean {
  return error.status >= 400 && error.status < 500 && error.status !== 408;
}

async function readOnce(port: FollowPort, answer: Answer): Promise<Answer | null> {
  const body = await port.open(answer);
  if (body === null) return null;
  port.onConnection("open");
  let current = answer;
  try {
    for await (const event of readEvents(body)) {
      const parsed = parseFrame(event.id, event.data);
      if (parsed === null) continue;
      const next = takeFrame(current, parsed.seq, parsed.frame);
      if (next === "gap") return current;
      if (next === current) continue;
      current = next;
      port.onAnswer(current, parsed.frame);
      if (current.end !== null) return current;
    }
  } catch (error) {
    if (isAbort(error)) throw error;
    // The connection broke: what has arrived is kept and the next attempt goes on from there.
  }
  return current;
}

/**
 * Reads a generation to its end, over as many connections as that takes. Each attempt goes on where the last
 * one stopped; progress resets the patience.
 */
export async function follow(port: FollowPort, from: Answer): Promise<FollowEnd> {
  let answer = from;
  let attempt = 0;
  for (;;) {
    let failure: ApiError = new NetworkError();
    try {
      const before = answer.seq;
      const next = await readOnce(port, answer);
      if (next === null) return { kind: "nothing-to-read", answer };
      answer = next;
      if (answer.end !== null) return { kind: "ended", answer };
      if (answer.seq > before) attempt = 0;
    } catch (error) {
      if (isAbort(error)) throw error;
      failure = toApiError(error);
      const neverBegan = answer.generationId === null;
      if (isFinal(failure) || neverBegan) return { kind: "gave-up", answer, error: failure };
    }
    attempt += 1;
    if (attempt > MAX_ATTEMPTS) return { kind: "gave-up", answer, error: failure };
    port.onConnection("reconnecting");
    await port.wait(attempt);
  }
}

/** Half a second, doubling to eight; at once when the browser says it is online again. */
export function waitForNetwork(attempt: number): Promise<void> {
  const delay = Math.min(500 * 2 ** (attempt - 1), 8000);
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, delay);
    window.addEventListener("online", done);
  });
}
