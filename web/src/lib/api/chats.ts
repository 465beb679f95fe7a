import {
  chooseBranch as choose,
  createChat as create,
  getChat as get,
  listChats as list,
  deleteChat as remove,
  restoreChat as restore,
  stopGeneration as stop,
  updateChat as update,
} from "@/client/sdk.gen";
import type { ChatInfo, ChatWithMessages } from "@/client/types.gen";
import { http } from "@/lib/api/http";
import type { ChatList, Place } from "@/lib/chat-lists";
import type { Passage, Thread } from "@/lib/thread";

export type ChatPatch = Partial<
  Pick<
    ChatInfo,
    "title" | "model" | "systemPrompt" | "temperature" | "pinned" | "archived" | "folderId"
  >
>;

const at = (id: string) => ({ ...http, path: { chat_id: id } });

export async function createChat(model: string): Promise<ChatInfo> {
  return (await create({ ...http, body: { model } })).data.data;
}

export async function patchChat(id: string, body: ChatPatch): Promise<ChatInfo> {
  return (await update({ ...at(id), body })).data.data;
}

/** A deletion asked for while the page is being left must still arrive. */
export async function deleteChat(id: string): Promise<void> {
  await remove({ ...at(id), keepalive: true });
}

/** Takes a deletion back; possible for some minutes. */
export async function restoreChat(id: string): Promise<ChatInfo> {
  return (await restore(at(id))).data.data;
}

export async function stopChat(id: string): Promise<void> {
  await stop(at(id));
}

/** The newest page of the chat's active branch. */
export async function getChat(id: string, signal?: AbortSignal): Promise<Thread> {
  return threadOf((await get({ ...at(id), signal })).data.data);
}

/** The page of the active branch before, after or around one of its messages. */
export async function getPassage(
  id: string,
  way: "before" | "after" | "around",
  messageId: string,
): Promise<Passage> {
  const { data } = await get({ ...at(id), query: { [way]: messageId } });
  const { messages, messagesCursor, messagesAfter } = data.data;
  return { messages, cursor: messagesCursor, after: messagesAfter };
}

/** Makes the branch through this message the one that is shown and gone on with. */
export async function chooseBranch(id: string, messageId: string): Promise<Thread> {
  return threadOf((await choose({ ...at(id), body: { messageId } })).data.data);
}

function threadOf({
  messages,
  messagesCursor,
  messagesAfter: _,
  ...chat
}: ChatWithMessages): Thread {
  return { chat, messages, cursor: messagesCursor };
}

const PLACES = {
  all: {},
  recent: { pinned: false, folderId: "none" },
  pinned: { pinned: true },
  archived: { archived: true },
} as const;

export async function listChats(
  place: Place,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<ChatList> {
  const wanted =
    place in PLACES
      ? PLACES[place as keyof typeof PLACES]
      : { folderId: place.slice("folder:".length) };
  const query = { ...wanted, ...(cursor !== null && { cursor }) };
  const { data } = await list({ ...http, query, signal });
  return { chats: data.data, cursor: data.cursor };
}
