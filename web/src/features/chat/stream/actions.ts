import { clearDraft, writeDraft } from "@/features/chat/drafts";
import { emptyAnswer } from "@/features/chat/stream/answer";
import { runTurn } from "@/features/chat/stream/run-turn";
import { NEW_CHAT } from "@/features/chat/stream/turn";
import { dropTurn, editTurn, getTurn, moveTurn, setTurn } from "@/features/chat/stream/turn-store";
import { createChat, stopChat } from "@/lib/api/chats";
import { ApiError, toApiError } from "@/lib/api/errors";
import { addCachedChat } from "@/lib/chat-cache";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

export interface Outgoing {
  content: string;
  clientMessageId: string;
}

function begin(chatId: string, message: Outgoing) {
  writeDraft(chatId, { text: message.content, clientMessageId: message.clientMessageId });
  setTurn(chatId, {
    sent: { ...message, at: new Date().toISOString() },
    answer: emptyAnswer,
    phase: "sending",
    stopping: false,
    thinking: null,
    error: null,
  });
}

export function sendMessage(chatId: string, message: Outgoing) {
  begin(chatId, message);
  void runTurn(chatId);
}

/** The chat is created by its first message; `onCreated` gets its id once the message is on its way. */
export async function sendFirstMessage(
  message: Outgoing,
  /** The catalogue may still be on its way when the first message is sent. */
  pickModel: () => Promise<string | null>,
  onCreated: (chatId: string) => void,
) {
  begin(NEW_CHAT, message);
  try {
    const model = await pickModel();
    if (model === null) throw new ApiError("MODEL_UNAVAILABLE", "No model can be used", 0);
    const chat = await createChat(model);
    // The page was left or signed out meanwhile, or the text was taken back.
    if (getTurn(NEW_CHAT)?.sent?.clientMessageId !== message.clientMessageId) return;
    addCachedChat(chat);
    writeDraft(chat.id, { text: message.content, clientMessageId: message.clientMessageId });
    clearDraft(NEW_CHAT);
    moveTurn(NEW_CHAT, chat.id);
    onCreated(chat.id);
    void queryClient.invalidateQueries({ queryKey: keys.usage });
    await runTurn(chat.id);
  } catch (error) {
    editTurn(NEW_CHAT, { phase: "failed", error: toApiError(error) });
  }
}

/** Tries a failed turn again, under the same `clientMessageId` and from the frame it had reached. */
export function retryTurn(chatId: string) {
  const turn = getTurn(chatId);
  if (turn === null) return;
  editTurn(chatId, {
    phase: turn.answer.generationId === null ? "sending" : "reconnecting",
    error: null,
    stopping: false,
  });
  void runTurn(chatId);
}

/** Takes a turn that was not sent back into the composer. */
export function takeBack(chatId: string): string {
  const text = getTurn(chatId)?.sent?.content ?? "";
  dropTurn(chatId);
  writeDraft(chatId, { text, clientMessageId: null });
  return text;
}

/** Follows an answer that was begun elsewhere: before a reload, in another tab, on another device. */
export function pickUp(chatId: string, generationId: string, messageId: string | null) {
  if (getTurn(chatId) !== null) return;
  setTurn(chatId, {
    sent: null,
    answer: { ...emptyAnswer, generationId, messageId },
    phase: "streaming",
    stopping: false,
    thinking: null,
    error: null,
  });
  void runTurn(chatId);
}

export async function stopTurn(chatId: string) {
  editTurn(chatId, { stopping: true });
  if (getTurn(chatId)?.answer.generationId == null) return;
  try {
    await stopChat(chatId);
  } catch (error) {
    editTurn(chatId, { stopping: false });
    throw error;
  }
}
