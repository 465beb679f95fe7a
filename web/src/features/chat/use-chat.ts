import { queryOptions, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { pickUp } from "@/features/chat/stream/actions";
import { useTurn } from "@/features/chat/stream/turn-store";
import { getChat } from "@/lib/api/chats";
import { addOlderMessages } from "@/lib/chat-cache";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { mergeFresh, type Thread } from "@/lib/thread";

const chatQuery = (id: string) =>
  queryOptions({
    queryKey: keys.chat(id),
    queryFn: async ({ signal }) => {
      const fresh = await getChat(id, null, signal);
      return mergeFresh(queryClient.getQueryData<Thread>(keys.chat(id)), fresh);
    },
    // Merged by hand; comparing thousands of messages with each other would only cost time.
    structuralSharing: false,
  });

function useOlder(chatId: string | undefined, cursor: string | null) {
  const [busy, setBusy] = useState(false);
  const load = useCallback(async () => {
    if (chatId === undefined || cursor === null) return;
    setBusy(true);
    try {
      addOlderMessages(chatId, await getChat(chatId, cursor));
    } catch {
      // The mark at the top comes into view again and asks again.
    } finally {
      setBusy(false);
    }
  }, [chatId, cursor]);
  return { has: cursor !== null, busy, load: () => void load() };
}

const NONE: Thread["messages"] = [];

/** A chat and its messages, oldest first; an answer being written elsewhere is followed from here too. */
export function useChat(chatId: string | undefined) {
  const query = useQuery({ ...chatQuery(chatId ?? ""), enabled: chatId !== undefined });
  const turn = useTurn(chatId ?? "");
  const thread = chatId === undefined ? undefined : query.data;
  const chat = thread?.chat;
  const messages = thread?.messages ?? NONE;
  const older = useOlder(chatId, thread?.cursor ?? null);

  const idle = turn === null;
  useEffect(() => {
    if (chatId !== undefined && idle && thread !== undefined) pickUp(chatId, thread);
  }, [chatId, idle, thread]);

  return { ...query, chat, messages, compared: thread?.compared, older };
}
