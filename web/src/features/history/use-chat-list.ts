import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { listChats } from "@/lib/api/chats";
import { keys } from "@/lib/query-keys";

const chatListQuery = infiniteQueryOptions({
  queryKey: keys.chats,
  queryFn: ({ pageParam, signal }) => listChats(pageParam, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.cursor,
});

export function useChatList() {
  const query = useInfiniteQuery(chatListQuery);
  // A chat whose time moved between two pages could come twice.
  const chats = useMemo(() => {
    const all = query.data?.pages.flatMap((page) => page.chats) ?? [];
    return [...new Map(all.map((chat) => [chat.id, chat])).values()];
  }, [query.data]);
  return { ...query, chats };
}
