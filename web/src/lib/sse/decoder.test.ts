import { describe, expect, it } from "vitest";
import { readEvents, SseDecoder } from "@/lib/sse/decoder";

const encode = (text: string) => new TextEncoder().encode(text);

function decode(text: string, size: number) {
  const decoder = new SseDecoder();
  const bytes = encode(text);
  const events = [];
  for (let at = 0; at < bytes.length; at += size) {
    events.push(...decoder.push(bytes.slice(at, at + size)));
  }
  return events;
}

const STREAM =
  ': keep-alive\n\nid: 1\ndata: {"type":"delta","delta":"Привет, 👩‍👩‍👧!"}\n\nid: 2\ndata: a\ndata: b\n\n';
const EVENTS = [
  { id: "1", data: '{"type":"delta","delta":"Привет, 👩‍👩‍👧!"}' },
  { id: "2", data: "a\nb" },
];

describe("SseDecoder", () => {
  it("reads the same events wherever the bytes are cut", () => {
    const length = encode(STREAM).length;
    for (let size = 1; size <= length; size += 1) expect(decode(STREAM, size)).toEqual(EVENTS);
  });

  it.each([
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("takes %s for the end of a line, cut anywhere", (_, end) => {
    const text = STREAM.replaceAll("\n", end);
    for (let size = 1; size <= 40; size += 1) {
      // A CR at the very end may be half of a CRLF; the next byte decides.
      expect(decode(`${text}:`, size)).toEqual(EVENTS);
    }
  });

  it("skips comments and fields it does not know", () => {
    expect(decode(": hello\nevent: x\nretry: 5\nnonsense\ndata: 1\n\n", 3)).toEqual([
      { id: null, data: "1" },
    ]);
  });

  it("removes one space after the colon and no more", () => {
    expect(decode("data:a\n\ndata:  b\n\n", 4).map((event) => event.data)).toEqual(["a", " b"]);
  });

  it("drops an event that never ended", () => {
    expect(decode("data: a\n\ndata: b\n", 5)).toEqual([{ id: null, data: "a" }]);
  });

  it("keeps empty data lines", () => {
    expect(decode("data\n\ndata: a\ndata:\ndata: b\n\n", 2).map((event) => event.data)).toEqual([
      "",
      "a\n\nb",
    ]);
  });
});

describe("readEvents", () => {
  it("passes on what breaks the body, after the events before it", async () => {
    const seen: string[] = [];
    let sent = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent) controller.error(new TypeError("network"));
        else controller.enqueue(encode("data: 1\n\n"));
        sent = true;
      },
    });
    await expect(async () => {
      for await (const event of readEvents(body)) seen.push(event.data);
    }).rejects.toThrow("network");
    expect(seen).toEqual(["1"]);
  });
});
