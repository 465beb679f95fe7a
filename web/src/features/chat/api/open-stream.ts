import type { Answer } from "@/features/chat/stream/answer";
import type { TurnRequest } from "@/features/chat/stream/turn";
import { authorizedFetch } from "@/lib/api/authorized-fetch";
import { errorFromBody } from "@/lib/api/errors";

type Body = ReadableStream<Uint8Array> | null;

async function body(response: Response): Promise<Body> {
  if (!response.ok) throw errorFromBody(await response.json().catch(() => null), response);
  return response.status === 204 ? null : response.body;
}

/** Asks for an answer. Repeating a `clientMessageId` never sends twice: it attaches to that generation. */
async function post(chatId: string, request: TurnRequest, signal: AbortSignal): Promise<Body> {
  const { kind, ...rest } = request;
  const { messageId, ...content } = "messageId" in rest ? rest : { ...rest, messageId: null };
  const path = messageId === null ? "message" : `messages/${messageId}/${kind}`;
  return body(
    await authorizedFetch(`/api/chat/${chatId}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(content),
      signal,
    }),
  );
}

/**
 * Opens the stream of a turn: asks for it while nothing is known of its generation, afterwards reads on
 * behind the frames already here.
 */
export async function openStream(
  chatId: string,
  request: TurnRequest | null,
  answer: Answer,
  signal: AbortSignal,
): Promise<Body> {
  if (answer.generationId === null) {
    return request === null ? null : post(chatId, request, signal);
  }
  const query = new URLSearchParams({
    generationId: answer.generationId,
    after: String(answer.seq),
  });
  return body(
    await authorizedFetch(`/api/chat/${chatId}/stream?${query}`, { signal, cache: "no-store" }),
  );
}
