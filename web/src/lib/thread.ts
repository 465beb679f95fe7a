import type { ChatInfo, MessageInfo } from "@/client/types.gen";

/** Messages of a branch that follow each other, oldest first. */
export interface Passage {
  messages: MessageInfo[];
  /** Pass it as `before` to read older messages; null when there are none. */
  cursor: string | null;
  /** Pass it as `after` to read newer messages; null when there are none. */
  after: string | null;
}

/** The active branch of a chat as far as it has been read: its newest messages, oldest first. */
export interface Thread extends Omit<Passage, "after"> {
  chat: ChatInfo;
  /** The answers that were just compared; the last message is one of them. */
  compared?: MessageInfo[];
  /** Looked at instead of the end: what is far from it is read on its own, because somebody wanted to see it. */
  passage?: Passage;
}

export const hasMessage = (messages: MessageInfo[], id: string) =>
  messages.some((one) => one.id === id);

/** The newest page read again: older messages already here stay, as long as they lead to it. */
export function mergeFresh(old: Thread | undefined, fresh: Thread): Thread {
  if (old === undefined) return fresh;
  const { passage } = old;
  const lastId = fresh.messages.at(-1)?.id;
  const compared = old.compared?.some((one) => one.id === lastId) ? old.compared : undefined;
  const from = old.messages.findIndex((message) => message.id === fresh.messages[0]?.id);
  if (from <= 0) return { ...fresh, compared, passage };
  return {
    ...fresh,
    messages: [...old.messages.slice(0, from), ...fresh.messages],
    cursor: old.cursor,
    compared,
    passage,
  };
}

/** Puts older messages before those that were read up to this cursor. */
export function addOlder(thread: Thread, cursor: string, older: Passage): Thread {
  const put = (to: { messages: MessageInfo[] }) => ({
    messages: [...older.messages, ...to.messages],
    cursor: older.cursor,
  });
  const { passage } = thread;
  if (passage?.cursor === cursor) return { ...thread, passage: { ...passage, ...put(passage) } };
  return thread.cursor === cursor ? { ...thread, ...put(thread) } : thread;
}

/** Puts newer messages behind those of the passage. */
export function addNewer(thread: Thread, after: string, newer: Passage): Thread {
  const { passage } = thread;
  if (passage?.after !== after) return thread;
  const messages = [...passage.messages, ...newer.messages];
  return withPassage(thread, { ...passage, messages, after: newer.after });
}

/** Shows a passage. Where it reaches the messages that were read from the end, it becomes a part of them. */
export function withPassage(thread: Thread, passage: Passage): Thread {
  const { messages, cursor } = passage;
  const at = messages.findIndex((one) => one.id === thread.messages[0]?.id);
  const meets = at !== -1 || messages.at(-1)?.id === thread.messages[0]?.parentId;
  if (!meets && passage.after !== null) return { ...thread, passage };
  const before = at === -1 ? messages : messages.slice(0, at);
  const joined = meets ? [...before, ...thread.messages] : messages;
  return { ...thread, messages: joined, cursor, passage: undefined };
}

/** Does what follows this message follow the passage? */
export function followsIn({ messages, cursor }: Passage, parentId: string | null): boolean {
  return parentId === null ? cursor === null : hasMessage(messages, parentId);
}

/** The messages up to the one that is followed; all of them where it is not here, none where it is null. */
export function cutAfter(messages: MessageInfo[], parentId: string | null): MessageInfo[] {
  if (parentId === null) return [];
  const at = messages.findIndex((message) => message.id === parentId);
  return at === -1 ? messages : messages.slice(0, at + 1);
}

/** Puts messages behind `parentId`, in place of what stood there. */
export function putAfter(thread: Thread, parentId: string | null, added: MessageInfo[]): Thread {
  const { passage } = thread;
  const inPassage = passage !== undefined && followsIn(passage, parentId);
  const { messages, cursor } = inPassage ? passage : thread;
  const ids = new Set(added.map((message) => message.id));
  const kept = cutAfter(messages, parentId).filter((message) => !ids.has(message.id));
  const old = new Map(messages.map((message) => [message.id, message]));
  const merged = added.map((message) => ({ ...old.get(message.id), ...message }));
  return {
    ...thread,
    compared: undefined,
    messages: [...kept, ...merged],
    cursor: parentId === null ? null : cursor,
    passage: inPassage ? undefined : passage,
  };
}
