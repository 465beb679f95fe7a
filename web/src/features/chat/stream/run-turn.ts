import type { MessageInfo } from "@/client/types.gen";
import { openStream } from "@/features/chat/api/open-stream";
import { settleDraft } from "@/features/chat/drafts";
import { type Answer, emptyAnswer } from "@/features/chat/stream/answer";
import { type FollowEnd, follow, waitForNetwork } from "@/features/chat/stream/follow";
import type { Frame } from "@/features/chat/stream/frames";
import { laneKey, type Turn } from "@/features/chat/stream/turn";
import { answerMessage, sentMessage } from "@/features/chat/stream/turn-messages";
import {
  dropTurn,
  editTurn,
  getTurn,
  setTurn,
  takeSignal,
} from "@/features/chat/stream/turn-store";
import { stopChat } from "@/lib/api/chats";
import { isAbort } from "@/lib/api/errors";
import { patchCachedChat, raiseCachedChat, settleCachedTurn } from "@/lib/chat-cache";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

function thinkingAfter(turn: Turn, frame: Frame): Turn["thinking"] {
  // Frames of a picked-up answer come all at once; their times say nothing.
  if (turn.request === null) return null;
  const now = Date.now();
  if (frame.type === "reasoning") return turn.thinking ?? { from: now, to: null };
  if (turn.thinking === null || turn.thinking.to !== null) return turn.thinking;
  return { ...turn.thinking, to: now };
}

function take(key: string, answer: Answer, frame: Frame) {
  const turn = getTurn(key);
  if (turn === null) return;
  const { chatId } = turn;
  const thinking = thinkingAfter(turn, frame);
  editTurn(key, { answer, thinking, phase: "streaming" }, "frame");
  if (frame.type === "title") patchCachedChat(chatId, { title: frame.title });
  if (frame.type !== "start" || key !== chatId) return;
  followLanes(turn, frame.siblings ?? []);
  settleDraft(chatId, turn.request?.clientMessageId);
  raiseCachedChat(chatId);
  void queryClient.invalidateQueries({ queryKey: keys.usage });
  // Stop was pressed before there was anything to stop.
  if (turn.stopping) void stopChat(chatId).catch(() => {});
}

interface Lane {
  generationId: string;
  messageId: string;
  model: string;
}

/** Where models are compared the stream carries the first answer; the others are read beside it. */
export function followLanes(turn: Turn, siblings: Lane[]) {
  const { chatId } = turn;
  const others = siblings.filter(
    (one) => one.generationId !== getTurn(chatId)?.answer.generationId,
  );
  if (others.length === 0) return;
  const lanes = others.map((one) => laneKey(chatId, one.generationId));
  editTurn(chatId, { lanes });
  for (const { generationId, messageId, model } of others) {
    const key = laneKey(chatId, generationId);
    if (getTurn(key) !== null) continue;
    const answer = { ...emptyAnswer, generationId, messageId, model };
    setTurn(key, { ...turn, sent: null, answer, lanes: [], phase: "streaming", thinking: null });
    void runTurn(key);
  }
}

/** The turn becomes messages of the cached chat; nothing on the page moves. */
function settle(chatId: string) {
  const turn = getTurn(chatId);
  if (turn === null || turn.phase !== "ended") return;
  const others = turn.lanes.map(getTurn);
  if (others.some((lane) => lane !== null && lane.phase !== "ended" && lane.phase !== "failed"))
    return;
  const answers = [turn, ...others]
    .map((one) => one && answerMessage(one))
    .filter((one): one is MessageInfo => one !== null);
  const siblingIds = [...new Set([...turn.siblings, ...answers.map((one) => one.id)])].sort();
  const compared = answers.map((one) => ({ ...one, siblingIds }));
  const question = sentMessage(turn);
  const answer = turn.lanes.length > 0 ? compared[0] : answers[0];
  const after = turn.after === undefined ? (answer?.parentId ?? null) : turn.after;
  settleCachedTurn(
    chatId,
    after,
    [question, answer].filter((one): one is MessageInfo => one != null),
    turn.lanes.length > 0 ? compared : undefined,
  );
  setTurn(chatId, null);
  for (const lane of turn.lanes) dropTurn(lane);
  // What is stored is the truth: the ids of all siblings, the time, what a failed answer has left.
  void queryClient.invalidateQueries({ queryKey: keys.chat(chatId) });
}

async function finish(key: string, end: FollowEnd) {
  const turn = getTurn(key);
  if (turn === null) return;
  if (end.kind === "gave-up") editTurn(key, { phase: "failed", error: end.error });
  else if (end.kind === "ended") editTurn(key, { answer: end.answer, phase: "ended" });
  else {
    // The server no longer keeps the frames: the stored message is the whole answer. The pause keeps a
    // server that has not noted the end yet from being asked without a break.
    await waitForNetwork(1);
    await queryClient.invalidateQueries({ queryKey: keys.chat(turn.chatId) });
    if (key === turn.chatId) for (const lane of turn.lanes) dropTurn(lane);
    setTurn(key, null);
  }
  settle(turn.chatId);
  void queryClient.invalidateQueries({ queryKey: keys.usage });
}

/** Asks for what the turn wants, or picks its answer up, and follows it to the end. */
export async function runTurn(key: string): Promise<void> {
  const turn = getTurn(key);
  if (turn === null) return;
  const signal = takeSignal(key);
  try {
    const end = await follow(
      {
        open: (answer) => openStream(turn.chatId, turn.request, answer, signal),
        onAnswer: (answer, frame) => !signal.aborted && take(key, answer, frame),
        onConnection: (state) => {
          if (signal.aborted) return;
          if (state === "reconnecting") editTurn(key, { phase: "reconnecting" });
          else if (getTurn(key)?.phase === "reconnecting") editTurn(key, { phase: "streaming" });
        },
        wait: waitForNetwork,
      },
      turn.answer,
    );
    if (!signal.aborted) await finish(key, end);
  } catch (error) {
    if (!isAbort(error)) throw error;
  }
}
