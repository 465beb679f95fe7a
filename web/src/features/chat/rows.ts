import type { MessageInfo } from "@/client/types.gen";
import type { Turn } from "@/features/chat/stream/turn";
import { answerMessage, sentMessage } from "@/features/chat/stream/turn-messages";

export interface Rows {
  /** Stored messages without those the turn shows itself. */
  stored: MessageInfo[];
  sent: MessageInfo | null;
  answer: MessageInfo | null;
}

/**
 * Joins what is stored with the turn in progress. While an answer is read again from its first frame (after
 * a reload) the stored text, a prefix of it, stands in until the frames have caught up.
 */
export function joinRows(chatId: string, messages: MessageInfo[], turn: Turn | null): Rows {
  if (turn === null) return { stored: messages, sent: null, answer: null };
  const sent = sentMessage(chatId, turn);
  const live = answerMessage(chatId, turn);
  const known = messages.find((message) => message.id === live?.id);
  const answer =
    live !== null && known !== undefined
      ? {
          ...live,
          content: longer(live.content, known.content),
          reasoning: longer(live.reasoning ?? "", known.reasoning ?? "") || null,
          model: live.model ?? known.model,
        }
      : live;
  return {
    stored: messages.filter((message) => message.id !== live?.id),
    sent: messages.some((message) => message.id === sent?.id) ? null : sent,
    answer,
  };
}

const longer = (live: string, stored: string) => (live.length >= stored.length ? live : stored);
