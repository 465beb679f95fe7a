import type { Answer } from "@/features/chat/stream/answer";
import { authorizedFetch } from "@/lib/api/authorized-fetch";
import { errorFromBody } from "@/lib/api/errors";

type Body = ReadableStream<Uint8Array> | null;

async function body(response: Response): Promise<Body> {
  if (!response.ok) throw errorFromBody(await response.json().catch(() => null), response);
  return response.status === 204 ? null : response.body;
}

/** Sends a message. Repeating a `clientMessageId` never sends twice: it attaches to that generation. */
async function post(
  chatId: string,
  message: { content: string; clientMessageId: string },
  signal: AbortSignal,
): Promise<Body> {
  const { content, clientMessageId } = message;
  return body(
    await authorizedFetch(`/api/chat/${chatId}/message`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ content, clientMessageId }),
      signal,
    }),
  );
}

/**
 * Opens the stream of a turn: sends the message while nothing is known of its generation, afterwards reads
 * on behind the frames already here.
 */
export async function openStream(
  chatId: string,
  message: { content: string; clientMessageId: string } | null,
  answer: Answer,
  signal: AbortSignal,
): Promise<Body> {
  if (answer.generationId === null) {
    return message === null ? null : post(chatId, message, signal);
  }
  const query = new URLSearchParams({
    generationId: answer.generationId,
    after: String(answer.seq),
  });
  return body(
    await authorizedFetch(`/api/chat/${chatId}/stream?${query}`, { signal, cache: "no-store" }),
  );
}
