import { queryOptions, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { pickUp } from "@/features/chat/stream/actions";
import { NEW_CHAT, type Turn } from "@/features/chat/stream/turn";
import { useTurn } from "@/features/chat/stream/turn-store";
import { getChat, getPassage } from "@/lib/api/chats";
import { toApiError } from "@/lib/api/errors";
import { addNewerMessages, addOlderMessages, putCachedPassage } from "@/lib/chat-cache";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { followsIn, mergeFresh, type Thread } from "@/lib/thread";

const chatQuery = (id: string) =>
  queryOptions({
    queryKey: keys.chat(id),
    queryFn: async ({ signal }) => {
      const fresh = await getChat(id, signal);
      return mergeFresh(queryClient.getQueryData<Thread>(keys.chat(id)), fresh);
    },
    // Merged by hand; comparing thousands of messages with each other would only cost time.
    structuralSharing: false,
  });

const READ = { before: addOlderMessages, after: addNewerMessages };

/** Reads on from a cursor, towards the beginning or the end of the branch. */
function useReadOn(chatId: string | undefined, way: "before" | "after", cursor: string | null) {
  const [busy, setBusy] = useState(false);
  const load = useCallback(async () => {
    if (chatId === undefined || cursor === null) return;
    setBusy(true);
    try {
      READ[way](chatId, cursor, await getPassage(chatId, way, cursor));
    } catch (error) {
      // Of another branch now. After any other failure the mark comes into view again and asks again.
      if (toApiError(error).code === "MESSAGE_NOT_FOUND") putCachedPassage(chatId, undefined);
    } finally {
      setBusy(false);
    }
  }, [chatId, way, cursor]);
  return { has: cursor !== null, busy, load: () => void load() };
}

const NONE: Thread["messages"] = [];

/** What of a chat is looked at: its end and what is being written there, or a passage far from it. */
function useReading(chatId: string | undefined, thread: Thread | undefined, turn: Turn | null) {
  const passage = thread?.passage;
  const turnIsHere =
    passage === undefined || (turn?.after !== undefined && followsIn(passage, turn.after));
  const apart = !turnIsHere;
  const older = useReadOn(chatId, "before", (passage ?? thread)?.cursor ?? null);
  const newer = useReadOn(chatId, "after", apart ? passage.after : null);
  const onLeave = useCallback(() => {
    if (chatId !== undefined && apart) putCachedPassage(chatId, undefined);
  }, [chatId, apart]);
  return {
    messages: (passage ?? thread)?.messages ?? NONE,
    compared: passage === undefined ? thread?.compared : undefined,
    turn: turnIsHere ? turn : null,
    older,
    newer,
    onLeave,
  };
}

/** A chat and its messages, oldest first; an answer being written elsewhere is followed from here too. */
export function useChat(chatId: string | undefined) {
  const query = useQuery({ ...chatQuery(chatId ?? ""), enabled: chatId !== undefined });
  const turn = useTurn(chatId ?? NEW_CHAT);
  const thread = chatId === undefined ? undefined : query.data;
  const reading = useReading(chatId, thread, turn);

  const idle = turn === null;
  useEffect(() => {
    if (chatId !== undefined && idle && thread !== undefined) pickUp(chatId, thread);
  }, [chatId, idle, thread]);

  return { ...query, chat: thread?.chat, messages: thread?.messages ?? NONE, turn, reading };
}
