import { deleteChat } from "@/lib/api/chats";
import type { ApiError } from "@/lib/api/errors";
import { toApiError } from "@/lib/api/errors";
import { removeCachedChat } from "@/lib/chat-cache";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

/** How long a deletion can be taken back. */
export const UNDO_MS = 6000;

const waiting = new Map<string, ReturnType<typeof setTimeout>>();

async function deleteNow(id: string, onError: (error: ApiError) => void) {
  waiting.delete(id);
  try {
    await deleteChat(id);
    queryClient.removeQueries({ queryKey: keys.chat(id) });
  } catch (error) {
    const failure = toApiError(error);
    // Already gone is what was asked for.
    if (failure.code !== "CHAT_NOT_FOUND") onError(failure);
  }
  void queryClient.invalidateQueries({ queryKey: keys.chats });
}

/** Hides the chat at once and deletes it when the time for undoing has passed, or the page is left. */
export function deleteLater(id: string, onError: (error: ApiError) => void) {
  removeCachedChat(id);
  waiting.set(
    id,
    setTimeout(() => void deleteNow(id, onError), UNDO_MS),
  );
}

export function undoDelete(id: string) {
  clearTimeout(waiting.get(id));
  waiting.delete(id);
  void queryClient.invalidateQueries({ queryKey: keys.chats });
}

/** A list read again meanwhile still holds the chats that wait for their deletion. */
export const isWaitingForDeletion = (id: string) => waiting.has(id);

window.addEventListener("pagehide", () => {
  for (const id of [...waiting.keys()]) {
    clearTimeout(waiting.get(id));
    void deleteNow(id, () => {});
  }
});
