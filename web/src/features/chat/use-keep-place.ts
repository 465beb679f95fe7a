import { type RefObject, useLayoutEffect, useRef } from "react";

/** When older messages are put above the first one, what the reader looks at stays where it is. */
export function useKeepPlace(area: RefObject<HTMLElement | null>, firstId: string | undefined) {
  const before = useRef<{ id: string | undefined; height: number; top: number }>(null);
  useLayoutEffect(() => {
    const element = area.current;
    if (element === null) return;
    const last = before.current;
    const grown = last === null ? 0 : element.scrollHeight - last.height;
    const prepended =
      last?.id !== undefined &&
      last.id !== firstId &&
      element.querySelector(`[data-message="${CSS.escape(last.id)}"]`) !== null;
    if (prepended && grown > 0) element.scrollTop = last.top + grown;
    before.current = { id: firstId, height: element.scrollHeight, top: element.scrollTop };
  });
}
