import { createContext, useContext } from "react";
import type { ChatInfo } from "@/client/types.gen";

/** What the rows of all lists share. */
export interface Rows {
  /** The chat whose title is being written. */
  renaming: string | null;
  rename: (chatId: string | null) => void;
  move: (chat: ChatInfo) => void;
  remove: (chat: ChatInfo) => void;
}

export const RowsContext = createContext<Rows>({
  renaming: null,
  rename: () => {},
  move: () => {},
  remove: () => {},
});

export const useRows = () => useContext(RowsContext);
