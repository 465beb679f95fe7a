import type { MessageInfo } from "@/client/types.gen";
import type { Turn } from "@/features/chat/stream/turn";
import { answerMessage, sentMessage } from "@/features/chat/stream/turn-messages";
import { cutAfter } from "@/lib/thread";

/** What is shown as one message: an answer may have been written in several goes. */
export interface Row {
  message: MessageInfo;
  /** The last message it consists of: what goes on follows this one. */
  lastId: string;
}

/** Consecutive answers are one text: the later ones go on with the first. */
function join(first: MessageInfo, next: MessageInfo): MessageInfo {
  const cost = Number(first.cost ?? 0) + Number(next.cost ?? 0);
  return {
    ...next,
    id: first.id,
    parentId: first.parentId,
    siblingIds: first.siblingIds,
    content: first.content + next.content,
    reasoning: [first.reasoning, next.reasoning].filter(Boolean).join("\n\n") || null,
    model: next.model ?? first.model,
    reasoningSeconds:
      (first.reasoningSeconds ?? 0) + (next.reasoningSeconds ?? 0) || next.reasoningSeconds,
    tokensUsed: first.tokensUsed + next.tokensUsed,
    cost: cost > 0 ? String(cost) : next.cost,
  };
}

export function toRows(messages: MessageInfo[]): Row[] {
  const rows: Row[] = [];
  for (const message of messages) {
    const before = rows.at(-1);
    if (
      before !== undefined &&
      message.role === "assistant" &&
      before.message.role === "assistant"
    ) {
      rows[rows.length - 1] = { message: join(before.message, message), lastId: message.id };
    } else {
      rows.push({ message, lastId: message.id });
    }
  }
  return rows;
}

/** Stored messages without those the turn shows itself, or that give way to it. */
export function storedBeside(messages: MessageInfo[], turn: Turn | null): MessageInfo[] {
  if (turn === null) return messages;
  const kept = turn.after === undefined ? messages : cutAfter(messages, turn.after);
  const { messageId, userMessageId } = turn.answer;
  const questionId = turn.sent === null ? null : userMessageId;
  return kept.filter((message) => message.id !== messageId && message.id !== questionId);
}

/**
 * What the turn adds. While an answer is read again from its first frame (after a reload) the stored text, a
 * prefix of it, stands in until the frames have caught up.
 */
export function turnRows(messages: MessageInfo[], turn: Turn | null) {
  if (turn === null) return { sent: null, answer: null };
  const live = answerMessage(turn);
  const known = messages.find((message) => message.id === live?.id);
  const answer =
    live !== null && known !== undefined
      ? {
          ...live,
          siblingIds: known.siblingIds,
          content: longer(live.content, known.content),
          reasoningSeconds: live.reasoningSeconds ?? known.reasoningSeconds,
          reasoning: longer(live.reasoning ?? "", known.reasoning ?? "") || null,
          model: live.model ?? known.model,
        }
      : live;
  return { sent: sentMessage(turn), answer };
}

/** An answer that goes on with the last row is shown as part of it. */
export function continued(row: Row | undefined, answer: MessageInfo): MessageInfo | null {
  return row?.message.role === "assistant" ? join(row.message, answer) : null;
}

const longer = (live: string, stored: string) => (live.length >= stored.length ? live : stored);
