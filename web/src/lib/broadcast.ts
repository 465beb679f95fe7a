/** What tabs of one browser tell each other at once; everything else comes from the server, through lib/live. */
export type TabMessage = { type: "session-end" };

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
