import { useEffect, useLayoutEffect, useReducer, useRef } from "react";

/** What a frame has room for. */
const BUDGET_MS = 8;
/** After a costly rendering this many times its duration belongs to the rest of the page. */
const REST = 3;

/**
 * The growing text as far as it should be shown now: the whole text while showing it is cheap, and otherwise as
 * often as its cost allows. What is held back follows soon, also when no more text comes.
 */
export function usePaced(text: string, growing: boolean): string {
  const shown = useRef(text);
  const free = useRef(0);
  const [, wake] = useReducer((count: number) => count + 1, 0);
  const began = performance.now();
  const wait = free.current - began;
  const held = growing && wait > 0 && text.startsWith(shown.current);
  const now = held ? shown.current : text;

  useLayoutEffect(() => {
    if (shown.current === now) return;
    shown.current = now;
    const ended = performance.now();
    const cost = ended - began;
    free.current = cost > BUDGET_MS ? ended + REST * cost : 0;
  });
  useEffect(() => {
    if (now === text) return;
    const timer = setTimeout(wake, wait);
    return () => clearTimeout(timer);
  });
  return now;
}
