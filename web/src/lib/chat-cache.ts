import type { InfiniteData } from "@tanstack/react-query";
import type { ChatInfo, MessageInfo } from "@/client/types.gen";
import type { ChatPatch } from "@/lib/api/chats";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { putAfter, type Thread } from "@/lib/thread";

export interface ChatListPage {
  chats: ChatInfo[];
  cursor: string | null;
}

export type ChatListPages = InfiniteData<ChatListPage, string | null>;

function editList(edit: (chats: ChatInfo[], first: boolean) => ChatInfo[]) {
  queryClient.setQueryData<ChatListPages>(keys.chats, (list) =>
    list === undefined
      ? list
      : {
          ...list,
          pages: list.pages.map((page, at) => ({ ...page, chats: edit(page.chats, at === 0) })),
        },
  );
}

function editThread(id: string, edit: (thread: Thread) => Thread) {
  queryClient.setQueryData<Thread>(keys.chat(id), (thread) => thread && edit(thread));
}

/** Shows a changed chat everywhere at once. */
export function patchCachedChat(
  id: string,
  patch: ChatPatch & Partial<Pick<ChatInfo, "activeGenerationId" | "activeGenerations">>,
) {
  editList((chats) => chats.map((chat) => (chat.id === id ? { ...chat, ...patch } : chat)));
  editThread(id, (thread) => ({ ...thread, chat: { ...thread.chat, ...patch } }));
}

/** A chat that was just created: known to the list and opened without asking the server. */
export function addCachedChat(chat: ChatInfo) {
  queryClient.setQueryData<Thread>(keys.chat(chat.id), { chat, messages: [], cursor: null });
  editList((chats, first) => (first ? [chat, ...chats] : chats));
}

/** The chat was used just now: it stands first in the list. */
export function raiseCachedChat(id: string) {
  const list = queryClient.getQueryData<ChatListPages>(keys.chats);
  const chat = list?.pages.flatMap((page) => page.chats).find((one) => one.id === id);
  if (chat === undefined) return;
  const raised = { ...chat, updatedAt: new Date().toISOString() };
  editList((chats, first) => {
    const rest = chats.filter((one) => one.id !== id);
    return first ? [raised, ...rest] : rest;
  });
}

export function removeCachedChat(id: string) {
  editList((chats) => chats.filter((chat) => chat.id !== id));
}

/** A turn has ended: its messages stand where it began, and nothing is being written any more. */
export function settleCachedTurn(
  chatId: string,
  after: string | null,
  messages: MessageInfo[],
  compared?: MessageInfo[],
) {
  patchCachedChat(chatId, { activeGenerationId: null, activeGenerations: [] });
  editThread(chatId, (thread) => ({ ...putAfter(thread, after, messages), compared }));
}

/** Older messages have been read. */
export function addOlderMessages(chatId: string, older: Thread) {
  editThread(chatId, (thread) => {
    const known = new Set(thread.messages.map((message) => message.id));
    const fresh = older.messages.filter((message) => !known.has(message.id));
    return { ...thread, messages: [...fresh, ...thread.messages], cursor: older.cursor };
  });
}

/** Another branch is shown now. */
export async function putCachedThread(thread: Thread) {
  // What was asked for before is about the former branch.
  await queryClient.cancelQueries({ queryKey: keys.chat(thread.chat.id) });
  queryClient.setQueryData<Thread>(keys.chat(thread.chat.id), thread);
}
