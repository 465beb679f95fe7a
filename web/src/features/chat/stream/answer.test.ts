import { describe, expect, it } from "vitest";
import { type Answer, emptyAnswer, takeFrame } from "@/features/chat/stream/answer";
import { type Frame, parseFrame } from "@/features/chat/stream/frames";

const FRAMES: Frame[] = [
  { type: "start", messageId: "m", userMessageId: "u", generationId: "g", model: "x/y" },
  { type: "reasoning", reasoning: "Hm. " },
  { type: "delta", delta: "При" },
  { type: "delta", delta: "вет" },
  { type: "title", title: "T" },
  {
    type: "done",
    done: true,
    tokensUsed: 7,
    finishReason: "stop",
    cost: "0.1",
    estimated: false,
  },
];

function take(answer: Answer, from: number, to: number): Answer {
  let current = answer;
  for (let seq = from; seq <= to; seq += 1) {
    const frame = FRAMES[seq - 1];
    if (frame === undefined) throw new Error("no such frame");
    const next = takeFrame(current, seq, frame);
    if (next === "gap") throw new Error("gap");
    current = next;
  }
  return current;
}

describe("takeFrame", () => {
  it("builds the answer from its frames", () => {
    expect(take(emptyAnswer, 1, 6)).toEqual({
      seq: 6,
      generationId: "g",
      messageId: "m",
      userMessageId: "u",
      model: "x/y",
      text: "Привет",
      reasoning: "Hm. ",
      end: {
        status: "complete",
        finishReason: "stop",
        tokensUsed: 7,
        cost: "0.1",
        errorCode: null,
      },
    });
  });

  it("gives the same answer for any cut and any overlap of two connections", () => {
    const whole = take(emptyAnswer, 1, 6);
    for (let cut = 0; cut <= 6; cut += 1) {
      const first = take(emptyAnswer, 1, cut);
      for (let again = 1; again <= cut + 1; again += 1) {
        expect(take(first, again, 6)).toEqual(whole);
      }
    }
  });

  it("names a gap instead of joining over it", () => {
    const begun = take(emptyAnswer, 1, 2);
    expect(takeFrame(begun, 4, { type: "delta", delta: "вет" })).toBe("gap");
  });

  it("changes nothing for a repeated frame", () => {
    const begun = take(emptyAnswer, 1, 3);
    expect(takeFrame(begun, 3, { type: "delta", delta: "При" })).toBe(begun);
  });

  it("keeps the text of a failed and of a stopped answer", () => {
    const begun = take(emptyAnswer, 1, 3);
    const failed = takeFrame(begun, 4, {
      type: "error",
      error: { code: "UPSTREAM_TIMEOUT", message: "", retryable: true },
    });
    expect(failed).toMatchObject({
      text: "При",
      end: { status: "failed", errorCode: "UPSTREAM_TIMEOUT" },
    });
    const interrupted = takeFrame(begun, 4, {
      type: "error",
      error: { code: "INTERRUPTED", message: "", retryable: true },
    });
    expect(interrupted).toMatchObject({ text: "При", end: { status: "interrupted" } });
    const stopped = takeFrame(begun, 4, {
      type: "done",
      done: true,
      tokensUsed: 1,
      finishReason: "stopped",
      cost: null,
      estimated: true,
    });
    expect(stopped).toMatchObject({ text: "При", end: { status: "stopped" } });
  });

  it("takes nothing in after the end", () => {
    const whole = take(emptyAnswer, 1, 6);
    expect(takeFrame(whole, 7, { type: "delta", delta: "!" })).toBe(whole);
  });

  it("counts a frame of a newer server without understanding it", () => {
    const begun = take(emptyAnswer, 1, 1);
    const unknown = { type: "later" } as unknown as Frame;
    expect(takeFrame(begun, 2, unknown)).toEqual({ ...begun, seq: 2 });
  });
});

describe("parseFrame", () => {
  it.each([
    [null, '{"type":"delta"}'],
    ["x", '{"type":"delta"}'],
    ["0", '{"type":"delta"}'],
    ["1", "{"],
    ["1", "null"],
    ["1", "[]"],
  ])("refuses id %s with data %s", (id, data) => {
    expect(parseFrame(id, data)).toBeNull();
  });
});
