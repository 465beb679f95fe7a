import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

/**
 * Rows out of view are skipped by the browser (`content-visibility`, see chat.css). A row is drawn once before that, so
 * that its true height is remembered: nothing jumps when it comes into view again.
 */
export function settleRow(row: HTMLElement) {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      row.dataset.settled = "";
    }),
  );
}

const FRAMES = 12;

/** Rows take their true heights only when they are drawn: what is put into its place is held there until they have. */
export function hold(put: () => void) {
  let frames = 0;
  const again = () => {
    put();
    if (++frames < FRAMES) requestAnimationFrame(again);
  };
  again();
}

/** Some dozens of screens: farther away a part is taken off the page. */
const FAR = "40000px 0px";
/** Some screens: nearer than this it is drawn again. */
const NEAR = "4000px 0px";

/** What the reader has open, has selected or is in must not go away. */
function isHeld(part: HTMLElement): boolean {
  const selection = getSelection();
  return (
    part.contains(document.activeElement) ||
    part.querySelector("textarea, [aria-expanded=true]") !== null ||
    (selection?.isCollapsed === false && selection.containsNode(part, true))
  );
}

/**
 * Takes a part off the page while it is far from view. Its element stays and keeps the height, so that nothing moves; should
 * the height be another one when the part is drawn again, what is looked at is held in its place.
 */
export function useOffPage(stays: boolean) {
  const part = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState<number | null>(null);
  useEffect(() => {
    const element = part.current;
    if (element === null || stays) return setHeight(null);
    const root = element.closest(".conversation");
    const near = new IntersectionObserver(
      (entries) => entries.at(-1)?.isIntersecting && setHeight(null),
      { root, rootMargin: NEAR },
    );
    const far = new IntersectionObserver(
      (entries) => {
        const last = entries.at(-1);
        if (last === undefined || last.isIntersecting || isHeld(element)) return;
        setHeight(last.boundingClientRect.height);
      },
      { root, rootMargin: FAR },
    );
    for (const observer of [near, far]) observer.observe(element);
    return () => {
      for (const observer of [near, far]) observer.disconnect();
    };
  }, [stays]);
  const former = useRef(height);
  useLayoutEffect(() => {
    const element = part.current;
    const before = former.current;
    former.current = height;
    if (element === null || height !== null) return;
    settleRow(element);
    const area = element.closest(".conversation");
    if (before === null || area === null) return;
    const box = element.getBoundingClientRect();
    if (box.top < area.getBoundingClientRect().top) area.scrollTop += box.height - before;
  }, [height]);
  return { part, height };
}

const PAUSE_MS = 150;

/** In another width all remembered heights are wrong: they are taken anew, and what is looked at stays in its place. */
export function useRowSizes(area: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    let width = element.clientWidth;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      clearTimeout(timer);
      timer = setTimeout(() => measureAgain(element), PAUSE_MS);
    });
    observer.observe(element);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [area]);
}

function measureAgain(area: HTMLElement) {
  const rows = [...area.querySelectorAll<HTMLElement>("[data-settled]")];
  const top = area.getBoundingClientRect().top;
  const seen = rows.find((row) => row.getBoundingClientRect().bottom > top);
  const before = seen?.getBoundingClientRect().top ?? 0;
  for (const row of rows) {
    delete row.dataset.settled;
    settleRow(row);
  }
  if (seen !== undefined) area.scrollTop += seen.getBoundingClientRect().top - before;
}
