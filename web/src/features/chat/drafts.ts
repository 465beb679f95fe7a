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

/** What is still to be written down: a long text is not written again with every letter. */
let latest: { chatId: string; draft: Draft } | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const PAUSE_MS = 300;

export function writeDraftSoon(chatId: string, draft: Draft) {
  if (latest?.chatId !== chatId) flush();
  latest = { chatId, draft };
  clearTimeout(timer);
  timer = setTimeout(flush, PAUSE_MS);
}

function flush() {
  clearTimeout(timer);
  const due = latest;
  latest = null;
  if (due !== null) writeDraft(due.chatId, due.draft);
}

window.addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", flush);

export function readDraft(chatId: string): Draft {
  flush();
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
  if (latest?.chatId === chatId) latest = null;
  const empty = draft.text === "" && draft.files.length === 0;
  writeStored(key(chatId), empty ? null : JSON.stringify(draft));
}

export const clearDraft = (chatId: string) => writeDraft(chatId, EMPTY);

/** The server has the message; what has been typed since stays. */
export function settleDraft(chatId: string, clientMessageId: string | undefined) {
  if (readDraft(chatId).clientMessageId === (clientMessageId ?? "")) clearDraft(chatId);
}

/** The next person on this device must not find them. */
export function clearAllDrafts() {
  latest = null;
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith("draft:")) localStorage.removeItem(name);
    }
  } catch {
    // Storage is forbidden: there are no drafts.
  }
}
