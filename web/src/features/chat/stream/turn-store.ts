import { useCallback, useSyncExternalStore } from "react";
import type { Turn } from "@/features/chat/stream/turn";

const turns = new Map<string, Turn>();
const aborts = new Map<string, AbortController>();
const listeners = new Map<string, Set<() => void>>();
const dirty = new Set<string>();
let scheduled = false;

export const getTurn = (chatId: string) => turns.get(chatId) ?? null;

function notify(chatId: string) {
  for (const listener of listeners.get(chatId) ?? []) listener();
}

function flush() {
  scheduled = false;
  const ids = [...dirty];
  dirty.clear();
  for (const id of ids) notify(id);
}

/** Changes a turn. `"frame"` waits for the next animation frame, so that fast streams render once per frame. */
export function setTurn(chatId: string, turn: Turn | null, when: "now" | "frame" = "now") {
  if (turn === null) turns.delete(chatId);
  else turns.set(chatId, turn);
  if (when === "now") {
    dirty.delete(chatId);
    notify(chatId);
    return;
  }
  dirty.add(chatId);
  if (scheduled) return;
  scheduled = true;
  // A hidden page gets no animation frames.
  if (document.hidden) setTimeout(flush, 200);
  else requestAnimationFrame(flush);
}

export function editTurn(chatId: string, edit: Partial<Turn>, when: "now" | "frame" = "now") {
  const turn = turns.get(chatId);
  if (turn !== undefined) setTurn(chatId, { ...turn, ...edit }, when);
}

/** The turn of a new chat goes on under the id the chat was given. */
export function moveTurn(from: string, to: string) {
  const turn = turns.get(from);
  if (turn === undefined) return;
  turns.delete(from);
  turns.set(to, { ...turn, chatId: to });
  notify(to);
  notify(from);
}

/** A fresh signal for this chat; what was running under the old one is cut. */
export function takeSignal(chatId: string): AbortSignal {
  aborts.get(chatId)?.abort();
  const controller = new AbortController();
  aborts.set(chatId, controller);
  return controller.signal;
}

/** Stops reading and forgets the turn (the chat was deleted, the session ended). */
export function dropTurn(chatId: string) {
  aborts.get(chatId)?.abort();
  aborts.delete(chatId);
  if (turns.has(chatId)) setTurn(chatId, null);
}

export function dropAllTurns() {
  for (const id of [...turns.keys()]) dropTurn(id);
}

export function useTurn(chatId: string): Turn | null {
  const subscribe = useCallback(
    (listener: () => void) => {
      const set = listeners.get(chatId) ?? new Set();
      listeners.set(chatId, set.add(listener));
      return () => set.delete(listener);
    },
    [chatId],
  );
  return useSyncExternalStore(subscribe, () => turns.get(chatId) ?? null);
}
