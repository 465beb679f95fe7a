import { describe, expect, it, vi } from "vitest";
import { type Answer, emptyAnswer } from "@/features/chat/stream/answer";
import { type FollowPort, follow, MAX_ATTEMPTS } from "@/features/chat/stream/follow";
import type { Frame } from "@/features/chat/stream/frames";
import { ApiError, NetworkError } from "@/lib/api/errors";

const FRAMES: Frame[] = [
  { type: "start", messageId: "m", userMessageId: "u", generationId: "g", model: "x" },
  { type: "delta", delta: "a" },
  { type: "delta", delta: "b" },
  { type: "delta", delta: "c" },
  {
    type: "done",
    done: true,
    tokensUsed: 1,
    finishReason: "stop",
    cost: null,
    estimated: false,
  },
];

/** A connection that carries the frames from..to and then ends, or breaks. */
function body(from: number, to: number, breaks = false): ReadableStream<Uint8Array> {
  const text = FRAMES.slice(from - 1, to)
    .map((frame, at) => `id: ${from + at}\ndata: ${JSON.stringify(frame)}\n\n`)
    .join("");
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (!sent) {
        sent = true;
        controller.enqueue(new TextEncoder().encode(text));
      } else if (breaks) controller.error(new TypeError("network"));
      else controller.close();
    },
  });
}

function port(...opens: ((answer: Answer) => ReadableStream<Uint8Array> | null)[]) {
  const seen: string[] = [];
  const asked: number[] = [];
  const result: FollowPort & { seen: string[]; asked: number[] } = {
    seen,
    asked,
    open: async (answer) => {
      asked.push(answer.seq);
      const next = opens.shift();
      if (next === undefined) throw new NetworkError();
      return next(answer);
    },
    onAnswer: (answer) => seen.push(answer.text),
    onConnection: vi.fn(),
    wait: async () => {},
  };
  return result;
}

describe("follow", () => {
  it("reads an answer to its end over one connection", async () => {
    const one = port(() => body(1, 5));
    const end = await follow(one, emptyAnswer);
    expect(end).toMatchObject({ kind: "ended", answer: { text: "abc" } });
  });

  it("goes on after the last frame when the connection breaks, without a gap or a repeat", async () => {
    const one = port(
      () => body(1, 2, true),
      (answer) => body(answer.seq + 1, 3),
      () => body(1, 5),
    );
    const end = await follow(one, emptyAnswer);
    expect(end).toMatchObject({ kind: "ended", answer: { text: "abc" } });
    expect(one.asked).toEqual([0, 2, 3]);
    expect(one.seen).toEqual(["", "a", "ab", "abc", "abc"]);
  });

  it("reads again from the last good frame when some are missing", async () => {
    const one = port(
      () => body(1, 2),
      () => body(4, 5),
      (answer) => body(answer.seq + 1, 5),
    );
    const end = await follow(one, emptyAnswer);
    expect(end).toMatchObject({ kind: "ended", answer: { text: "abc" } });
    expect(one.asked).toEqual([0, 2, 2]);
  });

  it("says when there is nothing to read", async () => {
    const end = await follow(
      port(() => null),
      { ...emptyAnswer, generationId: "g" },
    );
    expect(end.kind).toBe("nothing-to-read");
  });

  it("gives up at once when the message was refused", async () => {
    const refusal = new ApiError("MESSAGE_LIMIT_REACHED", "", 429);
    const one = port(() => {
      throw refusal;
    });
    expect(await follow(one, emptyAnswer)).toMatchObject({ kind: "gave-up", error: refusal });
    expect(one.asked).toEqual([0]);
  });

  it("does not send by itself again what may not have arrived", async () => {
    const one = port(() => {
      throw new NetworkError();
    });
    expect(await follow(one, emptyAnswer)).toMatchObject({ kind: "gave-up" });
    expect(one.asked).toEqual([0]);
  });

  it("sends under the same id again when the connection broke before the first frame", async () => {
    const one = port(
      () => body(1, 0, true),
      () => body(1, 5),
    );
    expect(await follow(one, emptyAnswer)).toMatchObject({ kind: "ended" });
    expect(one.asked).toEqual([0, 0]);
  });

  it("loses patience with a server that stays away, but keeps the text", async () => {
    const one = port(() => body(1, 3, true));
    const end = await follow(one, emptyAnswer);
    expect(end).toMatchObject({ kind: "gave-up", answer: { text: "ab" } });
    expect(one.asked).toHaveLength(1 + MAX_ATTEMPTS);
  });

  it("keeps its patience while frames arrive", async () => {
    const opens = Array.from({ length: 4 }, () => (answer: Answer) => {
      return body(answer.seq + 1, answer.seq + 1, true);
    });
    const one = port(...opens, () => body(5, 5));
    expect(await follow(one, emptyAnswer)).toMatchObject({ kind: "ended" });
  });
});
