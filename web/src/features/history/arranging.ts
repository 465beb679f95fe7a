import i18next from "i18next";
import type { ChatInfo } from "@/client/types.gen";
import { errorText } from "@/i18n/error-text";
import { type ChatPatch, deleteChat, patchChat, restoreChat } from "@/lib/api/chats";
import { toApiError } from "@/lib/api/errors";
import { patchCachedChat, putCachedChat, removeCachedChat } from "@/lib/chat-cache";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { showToast } from "@/lib/toasts";

/** How long a deletion is offered to be taken back. */
const UNDO_MS = 8_000;

function failed(error: unknown) {
  showToast(errorText(i18next.t, i18next.language, toApiError(error)));
  void queryClient.invalidateQueries({ queryKey: keys.chats });
}

/** Renames, pins, files or archives: seen at once, and taken back where the server refuses. */
export async function arrange(chat: ChatInfo, patch: ChatPatch) {
  patchCachedChat(chat.id, patch);
  try {
    const saved = await patchChat(chat.id, patch);
    patchCachedChat(chat.id, patch.title === undefined ? patch : { title: saved.title });
  } catch (error) {
    const { title, pinned, archived, folderId } = chat;
    patchCachedChat(chat.id, { title, pinned, archived, folderId });
    failed(error);
  }
}

export function archive(chat: ChatInfo) {
  void arrange(chat, { archived: true });
  showToast(
    i18next.t("history.archivedNote"),
    {
      label: i18next.t("common.undo"),
      run: () => void arrange({ ...chat, archived: true }, { archived: false }),
    },
    UNDO_MS,
  );
}

/** Deletes at once, and offers to take it back; the server keeps it for so long. */
export function deleteWithUndo(chat: ChatInfo) {
  removeCachedChat(chat.id);
  const deleted = deleteChat(chat.id).then(
    () => true,
    (error: unknown) => {
      // Already gone is what was asked for.
      if (toApiError(error).code !== "CHAT_NOT_FOUND") failed(error);
      return false;
    },
  );
  const undo = async () => {
    putCachedChat(chat);
    if (!(await deleted)) return;
    try {
      putCachedChat(await restoreChat(chat.id));
      void queryClient.invalidateQueries({ queryKey: keys.chat(chat.id) });
    } catch (error) {
      removeCachedChat(chat.id);
      failed(error);
    }
  };
  showToast(
    i18next.t("history.deleted"),
    { label: i18next.t("common.undo"), run: () => void undo() },
    UNDO_MS,
  );
}
