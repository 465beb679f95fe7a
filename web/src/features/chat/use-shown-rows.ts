import { useCallback, useMemo, useRef, useState } from "react";
import type { Row } from "@/features/chat/rows";

/** So many rows are drawn at first: more than any screen shows, few enough to open a chat in an instant. */
const FIRST = 30;
/** So many are added at once: few enough to go on scrolling meanwhile. */
const STEP = 12;

/** What lies beyond the rows that are known, in one direction. */
export interface Beyond {
  has: boolean;
  busy: boolean;
  load: () => void;
}

/** Which rows are drawn: where each part of them that was added at once begins, and which is the last; by ids, the oldest first. */
interface Shown {
  chatId: string;
  starts: string[];
  /** Null: all to the end, however it grows. */
  end: string | null;
}

const NOTHING: Shown = { chatId: "", starts: [], end: null };

const indexOf = (rows: Row[], id: string) => rows.findIndex(({ message }) => message.id === id);
const idAt = (rows: Row[], at: number) => rows[Math.max(0, at)]?.message.id ?? "";

/** The end of the drawn rows, as an index; of what is not there any more, all are drawn. */
function endOf(rows: Row[], end: string | null): number {
  const at = end === null ? -1 : indexOf(rows, end);
  return at === -1 ? rows.length : at + 1;
}

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
 * A chat opens at its end with its newest rows, however many are known, or around the row that is wanted; those before and
 * behind them follow as the reader comes nearer, first from the cache, then from the server. Returns the rows in the parts
 * they were added in.
 */
export function useShownRows(
  chatId: string,
  rows: Row[],
  /** The row to be seen, as an index; -1 for none in particular. */
  wanted: number,
  older: Beyond,
  newer: Beyond,
) {
  const [state, setState] = useState(NOTHING);
  const lastOf = (until: number) =>
    until < rows.length || newer.has ? idAt(rows, Math.min(until, rows.length) - 1) : null;
  let shown = state;
  // Kept by ids, because rows are added before and behind. Where the first one is gone (another branch) it begins anew.
  const first = indexOf(rows, shown.starts[0] ?? "");
  const lost = shown.chatId !== chatId || first === -1;
  if (lost || (wanted !== -1 && (wanted < first || wanted >= endOf(rows, shown.end)))) {
    shown =
      wanted === -1
        ? { chatId, starts: [idAt(rows, rows.length - FIRST)], end: lastOf(rows.length) }
        : { chatId, starts: [idAt(rows, wanted - FIRST / 2)], end: lastOf(wanted + FIRST / 2) };
    const same = shown.starts[0] === state.starts[0] && shown.end === state.end;
    if (!same || state.chatId !== chatId) setState(shown);
  }
  const { starts, end } = shown;
  const until = endOf(rows, end);
  const former = useRef(new Map<string, Row[]>());
  const parts = useMemo(() => {
    const bounds = starts.map((id) => indexOf(rows, id)).filter((at) => at !== -1);
    const cut = bounds.map((from, at) => rows.slice(from, bounds[at + 1] ?? until));
    const kept = cut.map((part) => unlessTheSame(former.current.get(idAt(part, 0)), part));
    former.current = new Map(kept.map((part) => [idAt(part, 0), part]));
    return kept;
  }, [rows, starts, until]);
  const from = until - parts.reduce((sum, part) => sum + part.length, 0);

  const showOlder = useCallback(() => {
    if (from === 0) return older.load();
    setState({ chatId, starts: [idAt(rows, from - STEP), ...starts], end });
  }, [chatId, rows, from, starts, end, older.load]);
  const next = lastOf(until + STEP);
  const showNewer = useCallback(() => {
    if (until === rows.length) return newer.load();
    setState({ chatId, starts: [...starts, idAt(rows, until)], end: next });
  }, [chatId, rows, starts, until, next, newer.load]);
  const showEnd = useCallback(() => setState(NOTHING), []);

  return {
    parts,
    more: from > 0 || older.has,
    busy: from === 0 && older.busy,
    showOlder,
    /** Do the parts reach the end of what there is? */
    atEnd: until === rows.length && !newer.has,
    busyNewer: until === rows.length && newer.busy,
    showNewer,
    /** Begins anew with the newest rows. */
    showEnd,
  };
}
