import type { FileInfo } from "@/client/types.gen";
import { readStored, writeStored } from "@/lib/storage";

/**
 * What stands in the composer, per chat. A sent text is kept here until the server has it, together with
 * the id it was sent under: a reload in between brings it back and sending it again cannot double it.
 */
export interface Draft {
  text: string;
  clientMessageId: string | null;
  files: FileInfo[];
}

const EMPTY: Draft = { text: "", clientMessageId: null, files: [] };
const key = (chatId: string) => `draft:${chatId}`;

export function readDraft(chatId: string): Draft {
  const stored = readStored(key(chatId));
  if (stored === null) return EMPTY;
  try {
    const draft = JSON.parse(stored) as Partial<Draft>;
    const { text = "", clientMessageId = null, files = [] } = draft;
    return { text, clientMessageId, files };
  } catch {
    return EMPTY;
  }
}

export function writeDraft(chatId: string, draft: Draft) {
  const empty = draft.text === "" && draft.files.length === 0;
  writeStored(key(chatId), empty ? null : JSON.stringify(draft));
}

export const clearDraft = (chatId: string) => writeStored(key(chatId), null);

/** The server has the message; what has been typed since stays. */
export function settleDraft(chatId: string, clientMessageId: string | undefined) {
  if (readDraft(chatId).clientMessageId === (clientMessageId ?? "")) clearDraft(chatId);
}

/** The next person on this device must not find them. */
export function clearAllDrafts() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith("draft:")) localStorage.removeItem(name);
    }
  } catch {
    // Storage is forbidden: there are no drafts.
  }
}
