import type { ChatInfo, MessageInfo } from "@/client/types.gen";

/** The active branch of a chat as far as it has been read: its newest messages, oldest first. */
export interface Thread {
  chat: ChatInfo;
  messages: MessageInfo[];
  /** Pass it as `before` to read older messages; null when there are none. */
  cursor: string | null;
  /** The answers that were just compared; the last message is one of them. */
  compared?: MessageInfo[];
}

/** The newest page read again: older messages already here stay, as long as they lead to it. */
export function mergeFresh(old: Thread | undefined, fresh: Thread): Thread {
  if (old === undefined) return fresh;
  const lastId = fresh.messages.at(-1)?.id;
  const compared = old.compared?.some((one) => one.id === lastId) ? old.compared : undefined;
  const from = old.messages.findIndex((message) => message.id === fresh.messages[0]?.id);
  if (from <= 0) return { ...fresh, compared };
  return {
    ...fresh,
    messages: [...old.messages.slice(0, from), ...fresh.messages],
    cursor: old.cursor,
    compared,
  };
}

/** The messages up to the one that is followed; all of them where it is not here, none where it is null. */
export function cutAfter(messages: MessageInfo[], parentId: string | null): MessageInfo[] {
  if (parentId === null) return [];
  const at = messages.findIndex((message) => message.id === parentId);
  return at === -1 ? messages : messages.slice(0, at + 1);
}

/** Puts messages behind `parentId`, in place of what stood there. */
export function putAfter(thread: Thread, parentId: string | null, added: MessageInfo[]): Thread {
  const ids = new Set(added.map((message) => message.id));
  const kept = cutAfter(thread.messages, parentId).filter((message) => !ids.has(message.id));
  const old = new Map(thread.messages.map((message) => [message.id, message]));
  const merged = added.map((message) => ({ ...old.get(message.id), ...message }));
  return { ...thread, compared: undefined, messages: [...kept, ...merged] };
}
