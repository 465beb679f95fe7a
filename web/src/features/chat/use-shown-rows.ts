import { useCallback, useMemo, useRef, useState } from "react";
import type { Row } from "@/features/chat/rows";

/** So many rows are added at once: more than any screen shows, few enough to open a chat in an instant. */
const STEP = 30;

interface Older {
  has: boolean;
  busy: boolean;
  load: () => void;
}

/** Where what is drawn begins, and where each part of it that was added at once begins; by ids, the oldest first. */
interface Shown {
  chatId: string;
  starts: string[];
}

const indexOf = (rows: Row[], id: string) => rows.findIndex(({ message }) => message.id === id);
const idAt = (rows: Row[], at: number) => rows[Math.max(0, at)]?.message.id ?? "";

/** A part that did not change keeps its identity, so that nobody looks at its rows. */
function unlessTheSame(former: Row[] | undefined, part: Row[]): Row[] {
  if (former?.length !== part.length) return part;
  return part.every(
    (row, at) => row.message === former[at]?.message && row.lastId === former[at]?.lastId,
  )
    ? former
    : part;
}

/**
 * A chat opens at its end with its newest rows, however many are known; those before them follow as the reader comes
 * nearer, first from the cache, then from the server. Returns the rows in the parts they were added in.
 */
export function useShownRows(chatId: string, rows: Row[], older: Older) {
  const [state, setState] = useState<Shown>({ chatId: "", starts: [] });
  let shown = state;
  // Kept by ids, because rows are added before and behind. Where the first one is gone (another branch) it begins anew.
  if (shown.chatId !== chatId || indexOf(rows, shown.starts[0] ?? "") === -1) {
    shown = { chatId, starts: [idAt(rows, rows.length - STEP)] };
    if (shown.starts[0] !== state.starts[0] || state.chatId !== chatId) setState(shown);
  }
  const { starts } = shown;
  const former = useRef(new Map<string, Row[]>());
  const parts = useMemo(() => {
    const bounds = starts.map((id) => indexOf(rows, id)).filter((at) => at !== -1);
    const cut = bounds.map((from, at) => rows.slice(from, bounds[at + 1]));
    const kept = cut.map((part) => unlessTheSame(former.current.get(idAt(part, 0)), part));
    former.current = new Map(kept.map((part) => [idAt(part, 0), part]));
    return kept;
  }, [rows, starts]);
  const from = rows.length - parts.reduce((sum, part) => sum + part.length, 0);

  const { has, busy, load } = older;
  const showMore = useCallback(() => {
    if (from === 0) return load();
    setState({ chatId, starts: [idAt(rows, from - STEP), ...starts] });
  }, [chatId, rows, from, starts, load]);

  /** Draws back to the row of the first of these messages that has one: an answer's continuation stands in its row. */
  const reveal = useCallback(
    (ids: string[]) => {
      const known = new Map(rows.map(({ message }, at) => [message.id, at]));
      const at = ids.map((id) => known.get(id)).find((place) => place !== undefined);
      if (at === undefined || at >= from) return;
      setState({ chatId, starts: [idAt(rows, at - STEP / 2), ...starts] });
    },
    [chatId, rows, from, starts],
  );

  return { parts, more: from > 0 || has, busy: from === 0 && busy, showMore, reveal };
}
