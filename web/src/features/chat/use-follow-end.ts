import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Nearer to the end than this counts as being there. */
const NEAR = 64;

/**
 * Keeps a scrolled area at its end while its content grows, until the reader scrolls up; from then on
 * nothing moves under their eyes until they return to the end.
 */
export function useFollowEnd(
  area: RefObject<HTMLElement | null>,
  resetKey: string,
  /** Is the end drawn? */
  atEnd: boolean,
  /** Draws it. */
  showEnd: () => void,
  /** Something else is to be seen than the end. */
  elsewhere: boolean,
) {
  const following = useRef(true);
  const drawn = useRef(atEnd);
  const latest = useRef(showEnd);
  latest.current = showEnd;
  const lastTop = useRef(0);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(
    (behavior: ScrollBehavior = "instant") => {
      following.current = true;
      setAway(false);
      if (!drawn.current) return latest.current();
      area.current?.scrollTo({ top: area.current.scrollHeight, behavior });
    },
    [area],
  );

  useLayoutEffect(() => {
    const appears = atEnd && !drawn.current;
    drawn.current = atEnd;
    if (!atEnd) following.current = false;
    else if (appears && following.current) toEnd();
  }, [atEnd, toEnd]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another chat begins at its end again
  useLayoutEffect(() => {
    if (drawn.current && !elsewhere) toEnd();
    else following.current = false;
  }, [resetKey, toEnd]);

  useEffect(() => {
    const element = area.current;
    const content = element?.firstElementChild;
    if (!element || !content) return;
    const gap = () => element.scrollHeight - element.scrollTop - element.clientHeight;
    const onScroll = () => {
      const up = element.scrollTop < lastTop.current - 2;
      lastTop.current = element.scrollTop;
      if (gap() < NEAR && !up) following.current = drawn.current;
      else if (up && gap() > 8) following.current = false;
      setAway(!following.current && gap() > NEAR * 2);
    };
    const observer = new ResizeObserver(() => {
      if (following.current) element.scrollTop = element.scrollHeight;
      lastTop.current = element.scrollTop;
    });
    observer.observe(content);
    observer.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [area]);

  return { away: away || !atEnd, toEnd };
}
