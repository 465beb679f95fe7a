import type { ChatInfo, MessageInfo } from "@/client/types.gen";
import type { ChatPatch } from "@/lib/api/chats";
import { type ChatList, type Place, putChat } from "@/lib/chat-lists";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import {
  addNewer,
  addOlder,
  hasMessage,
  type Passage,
  putAfter,
  type Thread,
  withPassage,
} from "@/lib/thread";

function editLists(edit: (list: ChatList, place: Place) => ChatList) {
  for (const [key, list] of queryClient.getQueriesData<ChatList>({ queryKey: keys.chats })) {
    if (list !== undefined) queryClient.setQueryData<ChatList>(key, edit(list, key[1] as Place));
  }
}

/** The chat as any list or its own page knows it. */
function cachedChat(id: string): ChatInfo | undefined {
  for (const [, list] of queryClient.getQueriesData<ChatList>({ queryKey: keys.chats })) {
    const chat = list?.chats.find((one) => one.id === id);
    if (chat !== undefined) return chat;
  }
  return queryClient.getQueryData<Thread>(keys.chat(id))?.chat;
}

/** Puts a chat into every list it belongs to, and takes it out of the others. */
export function putCachedChat(chat: ChatInfo) {
  editLists((list, place) => putChat(list, place, chat));
}

function editThread(id: string, edit: (thread: Thread) => Thread) {
  queryClient.setQueryData<Thread>(keys.chat(id), (thread) => thread && edit(thread));
}

/** Shows a changed chat everywhere at once. */
export function patchCachedChat(
  id: string,
  patch: ChatPatch & Partial<Pick<ChatInfo, "activeGenerationId" | "activeGenerations">>,
) {
  const chat = cachedChat(id);
  if (chat !== undefined) putCachedChat({ ...chat, ...patch });
  editThread(id, (thread) => ({ ...thread, chat: { ...thread.chat, ...patch } }));
}

/** A chat that was just created: known to the list and opened without asking the server. */
export function addCachedChat(chat: ChatInfo) {
  queryClient.setQueryData<Thread>(keys.chat(chat.id), { chat, messages: [], cursor: null });
  putCachedChat(chat);
}

/** The chat was used just now: it stands first in its lists. */
export function raiseCachedChat(id: string) {
  const chat = cachedChat(id);
  if (chat !== undefined) putCachedChat({ ...chat, updatedAt: new Date().toISOString() });
}

export function removeCachedChat(id: string) {
  editLists((list) => ({ ...list, chats: list.chats.filter((chat) => chat.id !== id) }));
}

/** Events may have been missed: the lists are read from their beginning. */
export function forgetCachedLists() {
  editLists((list) => ({ ...list, stale: true }));
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

/** Older messages, those before this cursor, have been read. */
export const addOlderMessages = (chatId: string, cursor: string, older: Passage) =>
  editThread(chatId, (thread) => addOlder(thread, cursor, older));

export const addNewerMessages = (chatId: string, after: string, newer: Passage) =>
  editThread(chatId, (thread) => addNewer(thread, after, newer));

/** A passage of the branch is to be looked at; without one, its end. */
export const putCachedPassage = (chatId: string, passage: Passage | undefined) =>
  editThread(chatId, (thread) =>
    passage === undefined ? { ...thread, passage } : withPassage(thread, passage),
  );

/** Has this message been read, as part of what leads to the chat's end? */
export function isCached(chatId: string, messageId: string): boolean {
  const thread = queryClient.getQueryData<Thread>(keys.chat(chatId));
  return thread !== undefined && hasMessage(thread.messages, messageId);
}

/** Another branch is shown now. */
export async function putCachedThread(thread: Thread) {
  // What was asked for before is about the former branch.
  await queryClient.cancelQueries({ queryKey: keys.chat(thread.chat.id) });
  queryClient.setQueryData<Thread>(keys.chat(thread.chat.id), thread);
}
