import { useSyncExternalStore } from "react";
import type { LiveState } from "@/lib/live/channel";

/** A short interruption is nobody's business. */
const PATIENCE_MS = 2_500;

let away = false;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function show(next: boolean) {
  away = next;
  for (const listener of listeners) listener();
}

export function setLiveState(state: LiveState) {
  if (state === "open") {
    clearTimeout(timer);
    timer = undefined;
    if (away) show(false);
  } else {
    timer ??= setTimeout(() => show(true), PATIENCE_MS);
  }
}

/** Has the server been out of reach for longer than a moment? */
export function useServerAway(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => away,
  );
}
