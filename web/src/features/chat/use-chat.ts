import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { pickUp } from "@/features/chat/stream/actions";
import { useTurn } from "@/features/chat/stream/turn-store";
import { getChat } from "@/lib/api/chats";
import { onBroadcast } from "@/lib/broadcast";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

const chatQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.chat(id),
    queryFn: ({ pageParam, signal }) => getChat(id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.cursor,
  });

/** A chat and its messages, oldest first; an answer being written elsewhere is followed from here too. */
export function useChat(chatId: string | undefined) {
  const query = useInfiniteQuery({ ...chatQuery(chatId ?? ""), enabled: chatId !== undefined });
  const turn = useTurn(chatId ?? "");
  const chat = query.data?.pages[0]?.chat;
  const messages = useMemo(
    () => query.data?.pages.toReversed().flatMap((page) => page.messages) ?? [],
    [query.data],
  );

  const generationId = chat?.activeGenerationId ?? null;
  const idle = turn === null;
  useEffect(() => {
    if (chatId === undefined || generationId === null || !idle) return;
    const growing = messages.findLast((message) => message.status === "generating");
    pickUp(chatId, generationId, growing?.id ?? null);
  }, [chatId, generationId, idle, messages]);

  useEffect(
    () =>
      onBroadcast((message) => {
        if (message.type !== "chat-changed") return;
        void queryClient.invalidateQueries({ queryKey: keys.chat(message.chatId) });
      }),
    [],
  );

  return { ...query, chat, messages };
}
