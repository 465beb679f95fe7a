import { useRef } from "react";
import type { Row } from "@/features/chat/rows";

/**
 * How many rows were there when the chat was opened. What came since is drawn beside the growing answer, in one list: an
 * answer that has ended keeps its place on the page, and with it the reader's selection and focus.
 */
export function useLasting(chatId: string, rows: Row[]): number {
  const last = useRef<{ chatId: string; id: string | undefined }>(null);
  const at =
    last.current?.chatId === chatId
      ? rows.findLastIndex(({ message }) => message.id === last.current?.id)
      : -1;
  if (at !== -1) return at + 1;
  last.current = { chatId, id: rows.at(-1)?.message.id };
  return rows.length;
}
