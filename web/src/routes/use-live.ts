import { useEffect } from "react";
import type { LiveEvent } from "@/client/types.gen";
import { dropTurn, getTurn } from "@/features/chat/stream/turn-store";
import { getToken, renew } from "@/lib/api/session";
import { patchCachedChat, removeCachedChat } from "@/lib/chat-cache";
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
      return refreshList();
    case "chat.updated":
      patchCachedChat(event.chatId, { title: event.title });
      refresh(keys.chat(event.chatId));
      return refreshList();
    case "chat.deleted":
      removeCachedChat(event.chatId);
      dropTurn(event.chatId);
      return refresh(keys.chat(event.chatId));
    case "generation.started":
      if (!isOurs(event.chatId, event.generationId)) refresh(keys.chat(event.chatId));
      refresh(keys.usage);
      return refreshList();
    case "generation.ended":
      if (!isOurs(event.chatId, event.generationId)) refresh(keys.chat(event.chatId));
      refresh(keys.usage);
      return refreshList();
    case "account.changed":
      return refresh(keys.me);
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

function refreshAll() {
  refresh(keys.chats);
  refresh(keys.usage);
  refresh(["chat"]);
}

/** Keeps this page in step with the account for as long as it is shown. */
export function useLive() {
  useEffect(() => listen({ onEvent: apply, onState: setLiveState }), []);
}
