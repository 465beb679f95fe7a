import { call, callEnvelope } from "@/lib/api/call";
import type { Chat, Message } from "@/lib/api/shapes";

export type ChatPatch = Partial<Pick<Chat, "title" | "model" | "systemPrompt" | "temperature">>;

export interface ChatPage {
  chat: Chat;
  /** Oldest first. */
  messages: Message[];
  /** Pass it as `before` to read older messages; null when there are none. */
  cursor: string | null;
}

export const createChat = (model: string) => call<Chat>("POST", "/api/chat", { model });

export const patchChat = (id: string, patch: ChatPatch) =>
  call<Chat>("PATCH", `/api/chat/${id}`, patch);

export const deleteChat = (id: string) => call<{ id: string }>("DELETE", `/api/chat/${id}`);

export const stopChat = (id: string) =>
  call<{ stopped: boolean }>("POST", `/api/chat/${id}/stop`);

export async function getChat(
  id: string,
  before: string | null,
  signal?: AbortSignal,
): Promise<ChatPage> {
  const query = before === null ? "" : `?before=${encodeURIComponent(before)}`;
  const answer = await callEnvelope<{
    data: Chat & { messages: Message[] };
    messagesCursor?: string | null;
  }>("GET", `/api/chat/${id}${query}`, undefined, signal);
  const { messages, ...chat } = answer.data;
  return { chat, messages, cursor: answer.messagesCursor ?? null };
}

export async function listChats(cursor: string | null, signal?: AbortSignal) {
  const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const answer = await callEnvelope<{ data: Chat[]; cursor?: string | null }>(
    "GET",
    `/api/chat${query}`,
    undefined,
    signal,
  );
  return { chats: answer.data, cursor: answer.cursor ?? null };
}
