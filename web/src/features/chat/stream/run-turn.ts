import type { MessageInfo } from "@/client/types.gen";
import { openStream } from "@/features/chat/api/open-stream";
import { settleDraft } from "@/features/chat/drafts";
import type { Answer } from "@/features/chat/stream/answer";
import { type FollowEnd, follow, waitForNetwork } from "@/features/chat/stream/follow";
import type { Frame } from "@/features/chat/stream/frames";
import { rememberThought } from "@/features/chat/stream/thoughts";
import type { Turn } from "@/features/chat/stream/turn";
import { answerMessage, sentMessage } from "@/features/chat/stream/turn-messages";
import { editTurn, getTurn, setTurn, takeSignal } from "@/features/chat/stream/turn-store";
import { stopChat } from "@/lib/api/chats";
import { isAbort } from "@/lib/api/errors";
import { broadcast } from "@/lib/broadcast";
import { patchCachedChat, putCachedMessages, raiseCachedChat } from "@/lib/chat-cache";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

function thinkingAfter(turn: Turn, frame: Frame): Turn["thinking"] {
  // Frames of a picked-up answer come all at once; their times say nothing.
  if (turn.sent === null) return null;
  const now = Date.now();
  if (frame.type === "reasoning") return turn.thinking ?? { from: now, to: null };
  if (turn.thinking === null || turn.thinking.to !== null) return turn.thinking;
  return { ...turn.thinking, to: now };
}

function take(chatId: string, answer: Answer, frame: Frame) {
  const turn = getTurn(chatId);
  if (turn === null) return;
  const thinking = thinkingAfter(turn, frame);
  editTurn(chatId, { answer, thinking, phase: "streaming" }, "frame");
  if (frame.type === "title") patchCachedChat(chatId, { title: frame.title });
  if (frame.type !== "start") return;
  settleDraft(chatId, turn.sent?.clientMessageId);
  raiseCachedChat(chatId);
  void queryClient.invalidateQueries({ queryKey: keys.usage });
  broadcast({ type: "chat-changed", chatId });
  // Stop was pressed before there was anything to stop.
  if (turn.stopping) void stopChat(chatId).catch(() => {});
}

/** The turn becomes messages of the cached chat; nothing on the page moves. */
function settle(chatId: string, turn: Turn) {
  const messages = [sentMessage(chatId, turn), answerMessage(chatId, turn)];
  putCachedMessages(
    chatId,
    messages.filter((message): message is MessageInfo => message !== null),
  );
  rememberThought(turn.answer.messageId, turn);
  setTurn(chatId, null);
  if (turn.answer.end?.status === "failed") {
    void queryClient.invalidateQueries({ queryKey: keys.chat(chatId) });
  }
}

async function finish(chatId: string, end: FollowEnd) {
  const turn = getTurn(chatId);
  if (turn === null) return;
  if (end.kind === "ended") settle(chatId, { ...turn, answer: end.answer });
  else if (end.kind === "gave-up") editTurn(chatId, { phase: "failed", error: end.error });
  else {
    // The server no longer keeps the frames: the stored message is the whole answer. The pause keeps a
    // server that has not noted the end yet from being asked without a break.
    await waitForNetwork(1);
    await queryClient.invalidateQueries({ queryKey: keys.chat(chatId) });
    setTurn(chatId, null);
  }
  void queryClient.invalidateQueries({ queryKey: keys.usage });
  if (end.kind !== "gave-up") broadcast({ type: "chat-changed", chatId });
}

/** Sends what the turn holds, or picks its answer up, and follows it to the end. */
export async function runTurn(chatId: string): Promise<void> {
  const turn = getTurn(chatId);
  if (turn === null) return;
  const signal = takeSignal(chatId);
  try {
    const end = await follow(
      {
        open: (answer) => openStream(chatId, turn.sent, answer, signal),
        onAnswer: (answer, frame) => !signal.aborted && take(chatId, answer, frame),
        onConnection: (state) => {
          if (signal.aborted) return;
          if (state === "reconnecting") editTurn(chatId, { phase: "reconnecting" });
          else if (getTurn(chatId)?.phase === "reconnecting") {
            editTurn(chatId, { phase: "streaming" });
          }
        },
        wait: waitForNetwork,
      },
      turn.answer,
    );
    if (!signal.aborted) await finish(chatId, end);
  } catch (error) {
    if (!isAbort(error)) throw error;
  }
}
