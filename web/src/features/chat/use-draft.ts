import { useCallback, useState } from "react";
import { getPending, readyFiles } from "@/features/chat/attachments/pending";
import { type Draft, readDraft, writeDraftSoon } from "@/features/chat/drafts";
import { getTurn } from "@/features/chat/stream/turn-store";

const EMPTY: Draft = { text: "", clientMessageId: null, files: [] };

/** A text on its way is kept as a draft too; it must not stand in the composer at the same time. */
function load(chatId: string): Draft {
  const draft = readDraft(chatId);
  const onItsWay = getTurn(chatId)?.request?.clientMessageId;
  return draft.clientMessageId !== null && draft.clientMessageId === onItsWay ? EMPTY : draft;
}

/** The composer's text for one chat, kept across chats and reloads. */
export function useDraft(chatId: string) {
  const [state, setState] = useState(() => ({ chatId, draft: load(chatId) }));
  let { draft } = state;
  if (state.chatId !== chatId) {
    draft = load(chatId);
    setState({ chatId, draft });
  }
  const setText = useCallback(
    (text: string) => {
      const next = { text, clientMessageId: null, files: readyFiles(getPending(chatId)) };
      writeDraftSoon(chatId, next);
      setState({ chatId, draft: next });
    },
    [chatId],
  );
  /** Empties the field without forgetting the text: sending keeps it until it has arrived. */
  const clearField = useCallback(() => setState({ chatId, draft: EMPTY }), [chatId]);
  return { draft, setText, clearField };
}
