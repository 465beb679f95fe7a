import { type RefObject, useEffect, useLayoutEffect, useState } from "react";
import { hold } from "@/features/chat/row-sizes";

/** The first row in view, and how far its top was from the area's. */
interface Place {
  rowId: string;
  top: number;
}

/** Where the reader was in the chats that they left away from the end. */
const places = new Map<string, Place>();
const PAUSE_MS = 120;

function placeIn(area: HTMLElement): Place | undefined {
  const { top } = area.getBoundingClientRect();
  for (const row of area.querySelectorAll<HTMLElement>("[data-message]")) {
    const box = row.getBoundingClientRect();
    if (box.bottom > top) return { rowId: row.dataset.message ?? "", top: box.top - top };
  }
  return undefined;
}

/** Remembers where the reader is, whenever they pause. */
export function useNotedPlace(area: RefObject<HTMLElement | null>, chatId: string, away: boolean) {
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    if (!away) places.delete(chatId);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const note = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const place = away ? placeIn(element) : undefined;
        if (place !== undefined) places.set(chatId, place);
      }, PAUSE_MS);
    };
    note();
    element.addEventListener("scroll", note, { passive: true });
    return () => {
      clearTimeout(timer);
      element.removeEventListener("scroll", note);
    };
  }, [area, chatId, away]);
}

/** Where the reader was in this chat when they left it; until `useReturn` has brought them there. */
export function useFormerPlace(chatId: string) {
  const [state, setState] = useState(() => ({ chatId, place: places.get(chatId) }));
  let shown = state;
  if (shown.chatId !== chatId) {
    shown = { chatId, place: places.get(chatId) };
    setState(shown);
  }
  return { place: shown.place, onReturned: () => setState({ chatId, place: undefined }) };
}

export function useReturn(
  area: RefObject<HTMLElement | null>,
  { place, onReturned }: ReturnType<typeof useFormerPlace>,
) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each place
  useLayoutEffect(() => {
    const element = area.current;
    if (place === undefined || element === null) return;
    const row = element.querySelector(`[data-message="${CSS.escape(place.rowId)}"]`);
    onReturned();
    if (row === null) return;
    hold(() => {
      if (!row.isConnected) return;
      const now = row.getBoundingClientRect().top - element.getBoundingClientRect().top;
      element.scrollTop += now - place.top;
    });
  }, [place]);
}
