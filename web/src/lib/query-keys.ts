import type { Place } from "@/lib/chat-lists";

/** Every key of the query cache, so that one feature can refresh what another one shows. */
export const keys = {
  me: ["me"] as const,
  preferences: ["preferences"] as const,
  models: ["models"] as const,
  usage: ["usage"] as const,
  keys: ["keys"] as const,
  plans: ["plans"] as const,
  subscription: ["subscription"] as const,
  /** Lists and single orders. */
  orders: ["orders"] as const,
  files: ["files"] as const,
  shares: (chatId: string) => ["shares", chatId] as const,
  chats: ["chats"] as const,
  chatList: (place: Place) => ["chats", place] as const,
  search: (query: string) => ["search", query] as const,
  folders: ["folders"] as const,
  chat: (id: string) => ["chat", id] as const,
};
