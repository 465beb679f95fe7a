import {
  chooseBranch as choose,
  createChat as create,
  getChat as get,
  listChats as list,
  deleteChat as remove,
  stopGeneration as stop,
  updateChat as update,
} from "@/client/sdk.gen";
import type { ChatInfo } from "@/client/types.gen";
import { http } from "@/lib/api/http";
import type { Thread } from "@/lib/thread";

export type ChatPatch = Partial<Pick<ChatInfo, "title" | "model" | "systemPrompt" | "temperature">>;

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

export async function stopChat(id: string): Promise<void> {
  await stop(at(id));
}

export async function getChat(
  id: string,
  before: string | null,
  signal?: AbortSignal,
): Promise<Thread> {
  const { data } = await get({ ...at(id), query: before === null ? {} : { before }, signal });
  const { messages, messagesCursor, ...chat } = data.data;
  return { chat, messages, cursor: messagesCursor };
}

/** Makes the branch through this message the one that is shown and gone on with. */
export async function chooseBranch(id: string, messageId: string): Promise<Thread> {
  const { data } = await choose({ ...at(id), body: { messageId } });
  const { messages, messagesCursor, ...chat } = data.data;
  return { chat, messages, cursor: messagesCursor };
}

export async function listChats(cursor: string | null, signal?: AbortSignal) {
  const { data } = await list({ ...http, query: cursor === null ? {} : { cursor }, signal });
  return { chats: data.data, cursor: data.cursor };
}
