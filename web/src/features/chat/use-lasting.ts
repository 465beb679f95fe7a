import { useRef } from "react";
import type { Row } from "@/features/chat/rows";

/**
 * How many rows were there when the chat was opened. What came since is drawn beside the growing answer, in one list: an
 * answer that has ended keeps its place on the page, and with it the reader's selection and focus.
 */
export function useLasting(
  chatId: string,
  rows: Row[],
  /** More rows than these were there: what comes behind them is not new. */
  more: boolean,
): number {
  const opened = useRef<{ chatId: string; lastId: string | undefined }>(null);
  if (more) {
    opened.current = null;
    return rows.length;
  }
  const known = opened.current?.chatId === chatId ? opened.current : null;
  if (known !== null && known.lastId === undefined) return 0;
  const at = known ? rows.findLastIndex(({ message }) => message.id === known.lastId) : -1;
  if (at !== -1) return at + 1;
  // Another chat, or another branch of this one.
  opened.current = { chatId, lastId: rows.at(-1)?.message.id };
  return rows.length;
}
