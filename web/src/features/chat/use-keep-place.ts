import { type RefObject, useLayoutEffect, useRef } from "react";

/** When a part is put above the first one, what the reader looks at stays where it is. */
export function useKeepPlace(area: RefObject<HTMLElement | null>, firstId: string | undefined) {
  const before = useRef<{ id: string; at: number }>(null);
  useLayoutEffect(() => {
    const element = area.current;
    if (element === null || firstId === undefined) return;
    const placeOf = (id: string) => {
      const found = element.querySelector(`[data-part="${CSS.escape(id)}"]`);
      return found && found.getBoundingClientRect().top + element.scrollTop;
    };
    const former = before.current;
    const now = former && former.id !== firstId ? placeOf(former.id) : null;
    if (former !== null && now !== null && now > former.at) element.scrollTop += now - former.at;
    before.current = { id: firstId, at: placeOf(firstId) ?? 0 };
  }, [area, firstId]);
}
