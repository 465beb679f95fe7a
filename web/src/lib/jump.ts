import { useSyncExternalStore } from "react";

/** A message that somebody wants to see: found by searching, on whatever page and branch it is. */
export interface Jump {
  chatId: string;
  messageId: string;
}

let wanted: Jump | null = null;
const listeners = new Set<() => void>();

function set(next: Jump | null) {
  wanted = next;
  for (const listener of listeners) listener();
}

export const requestJump = (jump: Jump) => set(jump);

/** It has been shown, or cannot be. */
export function endJump(jump: Jump) {
  if (wanted === jump) set(null);
}

export function useWantedJump(chatId: string): Jump | null {
  const jump = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wanted,
  );
  return jump?.chatId === chatId ? jump : null;
}
