import type { ChatInfo } from "@/client/types.gen";

/** Where a chat can stand: all are those that are not archived, recent those of them neither pinned nor filed. */
export type Place = "all" | "recent" | "pinned" | "archived" | `folder:${string}`;

/** The newest chats of a place as far as they have been read. */
export interface ChatList {
  chats: ChatInfo[];
  /** Asks for the chats after these; null when there are none. */
  cursor: string | null;
  /** Something may have been missed: what is read next replaces everything. */
  stale?: boolean;
}

export function belongs(chat: ChatInfo, place: Place): boolean {
  if (chat.archived !== (place === "archived")) return false;
  if (place === "archived" || place === "all") return true;
  if (place === "pinned") return chat.pinned;
  if (place === "recent") return !chat.pinned && chat.folderId === null;
  return place === `folder:${chat.folderId}`;
}

const isOlder = (one: ChatInfo, other: ChatInfo) =>
  one.updatedAt === other.updatedAt ? one.id < other.id : one.updatedAt < other.updatedAt;

/** The newest page read again: what follows it stays as it was read, as long as the two surely join. */
export function mergeFirstPage(old: ChatList | undefined, fresh: ChatList): ChatList {
  const last = fresh.chats.at(-1);
  if (old === undefined || old.stale || fresh.cursor === null || last === undefined) return fresh;
  const known = new Map(old.chats.map((chat) => [chat.id, chat.updatedAt]));
  if (!fresh.chats.some((chat) => known.get(chat.id) === chat.updatedAt)) return fresh;
  const ids = new Set(fresh.chats.map((chat) => chat.id));
  const rest = old.chats.filter((chat) => !ids.has(chat.id) && chat.updatedAt <= last.updatedAt);
  return rest.length === 0 ? fresh : { chats: [...fresh.chats, ...rest], cursor: old.cursor };
}

/** The page after the last one. */
export function addPage(list: ChatList, after: string, page: ChatList): ChatList {
  if (list.cursor !== after) return list; // read again meanwhile
  const ids = new Set(list.chats.map((chat) => chat.id));
  const fresh = page.chats.filter((chat) => !ids.has(chat.id));
  return { ...list, chats: [...list.chats, ...fresh], cursor: page.cursor };
}

/** Puts a changed chat where it belongs now: into the list, elsewhere in it, or out of it. */
export function putChat(list: ChatList, place: Place, chat: ChatInfo): ChatList {
  const rest = list.chats.filter((one) => one.id !== chat.id);
  if (!belongs(chat, place)) {
    return rest.length === list.chats.length ? list : { ...list, chats: rest };
  }
  const at = rest.findIndex((one) => isOlder(one, chat));
  // Beyond what has been read it will be read in its turn.
  if (at === -1 && list.cursor !== null) return { ...list, chats: rest };
  const end = at === -1 ? rest.length : at;
  return { ...list, chats: [...rest.slice(0, end), chat, ...rest.slice(end)] };
}
