import type { MessageInfo } from "@/client/types.gen";
import type { Turn } from "@/features/chat/stream/turn";

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
};

export function sentMessage(chatId: string, turn: Turn): MessageInfo | null {
  if (turn.sent === null) return null;
  return {
    ...blank,
    id: turn.answer.userMessageId ?? turn.sent.clientMessageId,
    chatId,
    role: "user",
    content: turn.sent.content,
    status: "complete",
    createdAt: turn.sent.at,
  };
}

export function answerMessage(chatId: string, turn: Turn): MessageInfo | null {
  const { answer } = turn;
  if (answer.messageId === null) return null;
  return {
    ...blank,
    id: answer.messageId,
    chatId,
    parentId: answer.userMessageId,
    role: "assistant",
    content: answer.text,
    reasoning: answer.reasoning || null,
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
