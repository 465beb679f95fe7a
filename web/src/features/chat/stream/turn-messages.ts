import type { MessageInfo } from "@/client/types.gen";
import type { Turn } from "@/features/chat/stream/turn";

/** What a message was called before the server gave it an id, by that id: on the page it stays the same one. */
const formerIds = new Map<string, string>();

export const rowKey = (id: string) => formerIds.get(id) ?? id;

const blank = {
  parentId: null,
  siblingIds: [],
  reasoning: null,
  model: null,
  finishReason: null,
  errorCode: null,
  tokensUsed: 0,
  cost: null,
  generationId: null,
  attachments: [],
};

function thoughtSeconds({ thinking }: Turn): number | null {
  return thinking?.to ? (thinking.to - thinking.from) / 1000 : null;
}

/** The new message stands last among those that follow the same one. */
const beside = (siblings: string[], id: string) => [...siblings.filter((one) => one !== id), id];

export function sentMessage(turn: Turn): MessageInfo | null {
  if (turn.sent === null) return null;
  const former = turn.request?.clientMessageId;
  const id = turn.answer.userMessageId ?? former ?? "sent";
  // An edited message stands beside the former one, a retried one is the same.
  if (former !== undefined && id !== former) formerIds.set(id, former);
  return {
    ...blank,
    id,
    chatId: turn.chatId,
    parentId: turn.after ?? null,
    siblingIds: beside(turn.siblings, id),
    role: "user",
    content: turn.sent.content,
    attachments: turn.sent.files,
    status: "complete",
    createdAt: turn.sent.at,
  };
}

export function answerMessage(turn: Turn): MessageInfo | null {
  const { answer } = turn;
  if (answer.messageId === null) return null;
  return {
    ...blank,
    id: answer.messageId,
    chatId: turn.chatId,
    parentId: turn.sent === null ? (turn.after ?? answer.userMessageId) : answer.userMessageId,
    siblingIds: beside(turn.sent === null ? turn.siblings : [], answer.messageId),
    role: "assistant",
    content: answer.text,
    reasoning: answer.reasoning || null,
    reasoningSeconds: thoughtSeconds(turn),
    model: answer.model,
    status: answer.end?.status ?? "generating",
    finishReason: answer.end?.finishReason ?? null,
    errorCode: answer.end?.errorCode ?? null,
    tokensUsed: answer.end?.tokensUsed ?? 0,
    cost: answer.end?.cost ?? null,
    createdAt: new Date().toISOString(),
    generationId: answer.generationId,
  };
}
