import type { FileInfo, MessageInfo } from "@/client/types.gen";
import { clearDraft, writeDraft } from "@/features/chat/drafts";
import { emptyAnswer } from "@/features/chat/stream/answer";
import { followLanes, runTurn } from "@/features/chat/stream/run-turn";
import { NEW_CHAT, type Turn, type TurnRequest } from "@/features/chat/stream/turn";
import { dropTurn, editTurn, getTurn, moveTurn, setTurn } from "@/features/chat/stream/turn-store";
import { createChat, stopChat } from "@/lib/api/chats";
import { ApiError, toApiError } from "@/lib/api/errors";
import { addCachedChat, putCachedPassage } from "@/lib/chat-cache";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import type { Thread } from "@/lib/thread";
import { uuid } from "@/lib/uuid";

export interface Outgoing {
  content: string;
  clientMessageId: string;
  /** Two or three models whose answers are to be compared. */
  models?: string[];
  files: FileInfo[];
}

const asRequest = ({ files, ...message }: Outgoing): TurnRequest => ({
  kind: "message",
  ...message,
  ...(files.length > 0 && { attachments: files.map((file) => file.id) }),
});

const idle = {
  answer: emptyAnswer,
  lanes: [],
  siblings: [],
  sent: null,
  stopping: false,
  thinking: null,
  error: null,
};

function begin(
  chatId: string,
  request: TurnRequest,
  place: Pick<Turn, "after"> & Partial<Pick<Turn, "siblings">>,
  files: FileInfo[] = [],
) {
  const sent =
    "content" in request ? { content: request.content, at: new Date().toISOString(), files } : null;
  setTurn(chatId, { ...idle, ...place, chatId, request, sent, phase: "sending" });
}

const keep = (chatId: string, { content, clientMessageId, files }: Outgoing) =>
  writeDraft(chatId, { text: content, clientMessageId, files });

/** Sends a message behind `after`, the last one of the chat. */
export function sendMessage(chatId: string, message: Outgoing, after: string | null) {
  keep(chatId, message);
  putCachedPassage(chatId, undefined);
  begin(chatId, asRequest(message), { after }, message.files);
  void runTurn(chatId);
}

/** Answers the same question anew, perhaps by another model; the former answer stays beside the new one. */
export function regenerate(chatId: string, answer: MessageInfo, model?: string) {
  begin(
    chatId,
    { kind: "regenerate", messageId: answer.id, clientMessageId: uuid(), ...(model && { model }) },
    { after: answer.parentId, siblings: answer.siblingIds },
  );
  void runTurn(chatId);
}

/** Says it in other words: a new branch beside the old one. */
export function editMessage(chatId: string, message: MessageInfo, content: string) {
  begin(
    chatId,
    { kind: "edit", messageId: message.id, content, clientMessageId: uuid() },
    { after: message.parentId, siblings: message.siblingIds },
    message.attachments,
  );
  void runTurn(chatId);
}

/** Goes on with an answer that ended too early. `lastId` is the last message it consists of. */
export function continueAnswer(chatId: string, lastId: string) {
  begin(
    chatId,
    { kind: "continue", messageId: lastId, clientMessageId: uuid() },
    { after: lastId },
  );
  void runTurn(chatId);
}

/** The chat is created by its first message; `onCreated` gets its id once the message is on its way. */
export async function sendFirstMessage(
  message: Outgoing,
  /** The catalogue may still be on its way when the first message is sent. */
  pickModel: () => Promise<string | null>,
  onCreated: (chatId: string) => void,
) {
  keep(NEW_CHAT, message);
  begin(NEW_CHAT, asRequest(message), { after: null }, message.files);
  try {
    const model = message.models?.[0] ?? (await pickModel());
    if (model === null) throw new ApiError("MODEL_UNAVAILABLE", "No model can be used", 0);
    const chat = await createChat(model);
    // The page was left or signed out meanwhile, or the text was taken back.
    if (getTurn(NEW_CHAT)?.request?.clientMessageId !== message.clientMessageId) return;
    addCachedChat(chat);
    keep(chat.id, message);
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

/** Takes a message that was not sent back into the composer; anything else that failed is just forgotten. */
export function takeBack(chatId: string): { text: string; files: FileInfo[] } {
  const turn = getTurn(chatId);
  const sent = turn?.request?.kind === "message" ? turn.sent : null;
  const { content: text, files } = sent ?? { content: "", files: [] };
  dropTurn(chatId);
  if (sent !== null) writeDraft(chatId, { text, files, clientMessageId: null });
  return { text, files };
}

/** Follows answers that were begun elsewhere: before a reload, in another tab, on another device. */
export function pickUp(chatId: string, { chat, messages }: Pick<Thread, "chat" | "messages">) {
  const generationId = chat.activeGenerationId;
  if (generationId === null || getTurn(chatId) !== null) return;
  const [first, ...others] = chat.activeGenerations ?? [];
  const growing = messages.findLast((message) => message.status === "generating");
  const messageId = first?.messageId ?? growing?.id ?? null;
  const known = messages.find((message) => message.id === messageId);
  const turn: Turn = {
    ...idle,
    chatId,
    request: null,
    after: known?.parentId ?? undefined,
    siblings: known?.siblingIds ?? [],
    answer: { ...emptyAnswer, generationId, messageId, model: first?.model ?? null },
    phase: "streaming",
  };
  setTurn(chatId, turn);
  followLanes(turn, others);
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
