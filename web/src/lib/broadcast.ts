/** What tabs of one browser tell each other. The server stays the source of truth; these are only nudges. */
export type TabMessage = { type: "chat-changed"; chatId: string } | { type: "session-end" };

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("ai-chat");

export function broadcast(message: TabMessage) {
  channel?.postMessage(message);
}

export function onBroadcast(listener: (message: TabMessage) => void): () => void {
  if (channel === null) return () => {};
  const handle = (event: MessageEvent<TabMessage>) => listener(event.data);
  channel.addEventListener("message", handle);
  return () => channel.removeEventListener("message", handle);
}
