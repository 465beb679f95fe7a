import { type RefObject, useEffect } from "react";

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
