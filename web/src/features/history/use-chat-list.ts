import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import type { ChatInfo } from "@/client/types.gen";
import { listChats } from "@/lib/api/chats";
import { addPage, type ChatList, mergeFirstPage, type Place } from "@/lib/chat-lists";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

const NONE: ChatInfo[] = [];

/** The chats of a place, newest first. Reading again costs one page, however many have been read. */
export function useChatList(place: Place) {
  const queryKey = keys.chatList(place);
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const fresh = await listChats(place, null, signal);
      return mergeFirstPage(queryClient.getQueryData<ChatList>(queryKey), fresh);
    },
    // Merged by hand; comparing ten thousand chats with each other would only cost time.
    structuralSharing: false,
  });
  const cursor = query.data?.cursor ?? null;
  const [busy, setBusy] = useState(false);
  const loadMore = useCallback(async () => {
    if (cursor === null) return;
    setBusy(true);
    try {
      const page = await listChats(place, cursor);
      queryClient.setQueryData<ChatList>(
        keys.chatList(place),
        (list) => list && addPage(list, cursor, page),
      );
    } catch {
      // The mark at the end comes into view again and asks again.
    } finally {
      setBusy(false);
    }
  }, [place, cursor]);
  const { isPending, isError, refetch } = query;
  return {
    chats: query.data?.chats ?? NONE,
    more: cursor !== null,
    busy,
    loadMore: () => void loadMore(),
    isPending,
    isError,
    refetch,
  };
}
