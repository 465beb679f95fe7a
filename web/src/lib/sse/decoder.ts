/** One event of a `text/event-stream`. */
export interface SseEvent {
  id: string | null;
  data: string;
}

/**
 * Turns bytes, cut anywhere, into events: CR, LF and CRLF end a line, comments and unknown fields are
 * skipped, several data lines are joined. It knows nothing of what the data means.
 */
export class SseDecoder {
  #text = new TextDecoder();
  #rest = "";
  #id: string | null = null;
  #data: string[] = [];

  push(bytes: Uint8Array): SseEvent[] {
    return this.#read(this.#text.decode(bytes, { stream: true }));
  }

  #read(chunk: string): SseEvent[] {
    const events: SseEvent[] = [];
    let buffer = this.#rest + chunk;
    // A trailing CR may be the first half of a CRLF: it waits for the next chunk.
    const held = buffer.endsWith("\r") ? "\r" : "";
    if (held) buffer = buffer.slice(0, -1);
    const lines = buffer.split(/\r\n|\r|\n/);
    this.#rest = (lines.pop() ?? "") + held;
    for (const line of lines) {
      const event = this.#line(line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #line(line: string): SseEvent | null {
    if (line === "") {
      if (this.#data.length === 0) return null;
      const event = { id: this.#id, data: this.#data.join("\n") };
      this.#data = [];
      return event;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    if (field === "id") this.#id = value;
    return null;
  }
}

/** Reads a whole body, event by event. Ends when the body ends; throws what reading throws. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SseEvent> {
  const reader = body.getReader();
  const decoder = new SseDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* decoder.push(value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
