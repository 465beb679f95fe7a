import type { InfiniteData } from "@tanstack/react-query";
import type { ChatInfo, MessageInfo } from "@/client/types.gen";
import type { ChatPage, ChatPatch } from "@/lib/api/chats";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

export interface ChatListPage {
  chats: ChatInfo[];
  cursor: string | null;
}

/** Pages of one chat: the newest page first, each of them oldest message first. */
export type ChatPages = InfiniteData<ChatPage, string | null>;
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

function editPages(id: string, edit: (page: ChatPage, newest: boolean) => ChatPage) {
  queryClient.setQueryData<ChatPages>(keys.chat(id), (chat) =>
    chat === undefined
      ? chat
      : { ...chat, pages: chat.pages.map((page, at) => edit(page, at === 0)) },
  );
}

/** Shows a changed chat everywhere at once. */
export function patchCachedChat(
  id: string,
  patch: ChatPatch & Partial<Pick<ChatInfo, "activeGenerationId">>,
) {
  editList((chats) => chats.map((chat) => (chat.id === id ? { ...chat, ...patch } : chat)));
  editPages(id, (page) => ({ ...page, chat: { ...page.chat, ...patch } }));
}

/** A chat that was just created: known to the list and opened without asking the server. */
export function addCachedChat(chat: ChatInfo) {
  queryClient.setQueryData<ChatPages>(keys.chat(chat.id), {
    pages: [{ chat, messages: [], cursor: null }],
    pageParams: [null],
  });
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

/** Puts messages into the newest page, replacing those already there. */
export function putCachedMessages(chatId: string, messages: MessageInfo[]) {
  editPages(chatId, (page, newest) => {
    if (!newest) return page;
    const ids = new Set(messages.map((message) => message.id));
    const kept = page.messages.filter((message) => !ids.has(message.id));
    const old = new Map(page.messages.map((message) => [message.id, message]));
    const merged = messages.map((message) => ({ ...old.get(message.id), ...message }));
    return {
      ...page,
      chat: { ...page.chat, activeGenerationId: null },
      messages: [...kept, ...merged],
    };
  });
}
