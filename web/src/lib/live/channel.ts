import type { LiveEvent } from "@/client/types.gen";
import { authorizedFetch } from "@/lib/api/authorized-fetch";
import { isAbort } from "@/lib/api/errors";
import { readEvents } from "@/lib/sse/decoder";

/**
 * The account's live channel, once per browser: the tab that holds the lock reads it and passes every event on
 * to the others. When that tab is closed the next one takes over, from the last event all of them have seen.
 */
export type LiveState = "open" | "away";

type Message =
  | { kind: "event"; cursor: string | null; event: LiveEvent }
  | { kind: "state"; state: LiveState };

const LOCK = "live-channel";
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;

export interface Live {
  onEvent: (event: LiveEvent) => void;
  onState: (state: LiveState) => void;
}

/** Listens until the returned function is called. */
export function listen(live: Live): () => void {
  const stop = new AbortController();
  const tabs =
    typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("ai-chat-live");
  let cursor: string | null = null;

  function take(message: Message) {
    if (message.kind === "state") return live.onState(message.state);
    cursor = message.cursor ?? cursor;
    live.onEvent(message.event);
  }
  function tell(message: Message) {
    take(message);
    tabs?.postMessage(message);
  }
  if (tabs !== null) tabs.onmessage = (event: MessageEvent<Message>) => take(event.data);

  async function readOnce() {
    const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const response = await authorizedFetch(`/api/events${query}`, {
      signal: stop.signal,
      cache: "no-store",
    });
    if (!response.ok || response.body === null) return false;
    tell({ kind: "state", state: "open" });
    for await (const { id, data } of readEvents(response.body)) {
      const event = parse(data);
      if (event !== null) tell({ kind: "event", cursor: id, event });
    }
    return true;
  }

  async function lead() {
    let wait = FIRST_WAIT;
    while (!stop.signal.aborted) {
      try {
        if (await readOnce()) wait = FIRST_WAIT;
      } catch (error) {
        if (isAbort(error)) return;
      }
      tell({ kind: "state", state: "away" });
      await pause(wait, stop.signal);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  const leading =
    navigator.locks === undefined
      ? lead()
      : navigator.locks.request(LOCK, { signal: stop.signal }, lead);
  leading.catch(() => {});
  return () => {
    stop.abort();
    tabs?.close();
  };
}

function parse(data: string): LiveEvent | null {
  try {
    const event: unknown = JSON.parse(data);
    return typeof event === "object" && event !== null && "type" in event
      ? (event as LiveEvent)
      : null;
  } catch {
    return null;
  }
}

/** Ends early when the network is back, or when nobody listens any more. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms * (0.75 + Math.random() / 2));
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
