import { useEffect } from "react";
import type { LiveEvent } from "@/client/types.gen";
import { dropTurn, getTurn } from "@/features/chat/stream/turn-store";
import type { ChatPatch } from "@/lib/api/chats";
import { getToken, renew } from "@/lib/api/session";
import { forgetCachedLists, patchCachedChat, removeCachedChat } from "@/lib/chat-cache";
import { listen } from "@/lib/live/channel";
import { setLiveState } from "@/lib/live/state";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

const refresh = (queryKey: readonly unknown[]) => void queryClient.invalidateQueries({ queryKey });

let listTimer: ReturnType<typeof setTimeout> | undefined;

/** Many events at once ask for the list once. */
function refreshList() {
  clearTimeout(listTimer);
  listTimer = setTimeout(() => refresh(keys.chats), 300);
}

/** Is this tab itself reading that generation? Then it knows more than the event says. */
function isOurs(chatId: string, generationId: string): boolean {
  const turn = getTurn(chatId);
  if (turn === null) return false;
  const { answer, lanes } = turn;
  return (
    answer.generationId === null ||
    answer.generationId === generationId ||
    lanes.includes(`${chatId}/${generationId}`)
  );
}

/** What happens elsewhere, in another tab or on another device, is seen here too. */
function apply(event: LiveEvent) {
  switch (event.type) {
    case "reset":
      return refreshAll();
    case "chat.created":
      // One that is back had been asked for in vain.
      refresh(keys.chat(event.chatId));
      return refreshList();
    case "chat.updated":
      patchCachedChat(event.chatId, changesOf(event));
      refresh(keys.chat(event.chatId));
      return refreshList();
    case "chat.deleted":
      removeCachedChat(event.chatId);
      dropTurn(event.chatId);
      return refresh(keys.chat(event.chatId));
    case "folder.updated":
      return refresh(keys.folders);
    case "folder.deleted":
      refresh(keys.folders);
      return refreshList();
    case "generation.started":
      if (!isOurs(event.chatId, event.generationId)) refresh(keys.chat(event.chatId));
      refresh(keys.usage);
      return refreshList();
    case "generation.ended":
      if (!isOurs(event.chatId, event.generationId)) refresh(keys.chat(event.chatId));
      refresh(keys.usage);
      return refreshList();
    case "account.changed":
      refresh(keys.me);
      return refresh(keys.preferences);
    case "subscription.changed":
      for (const key of [keys.me, keys.usage, keys.models, keys.subscription, keys.orders]) {
        refresh(key);
      }
      return;
    case "session.ended":
      // This sign-in or another one: the server knows.
      return void renew(getToken());
    default:
      return;
  }
}

type ChatUpdated = Extract<LiveEvent, { type: "chat.updated" }>;

/** What an event leaves out did not change. */
function changesOf({ title, pinned, archived, folderId }: ChatUpdated): ChatPatch {
  return {
    title,
    ...(pinned !== undefined && { pinned }),
    ...(archived !== undefined && { archived }),
    ...(folderId !== undefined && { folderId }),
  };
}

function refreshAll() {
  forgetCachedLists();
  refresh(keys.folders);
  refresh(keys.chats);
  refresh(keys.usage);
  refresh(["chat"]);
}

/** Keeps this page in step with the account for as long as it is shown. */
export function useLive() {
  useEffect(() => listen({ onEvent: apply, onState: setLiveState }), []);
}
