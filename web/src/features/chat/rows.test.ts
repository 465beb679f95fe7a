import { describe, expect, it } from "vitest";
import type { MessageInfo } from "@/client/types.gen";
import { joinRows } from "@/features/chat/rows";
import { emptyAnswer } from "@/features/chat/stream/answer";
import type { Turn } from "@/features/chat/stream/turn";

const message = (id: string, extra: Partial<MessageInfo> = {}): MessageInfo => ({
  id,
  chatId: "c",
  parentId: null,
  siblingIds: [id],
  role: "assistant",
  content: "",
  reasoning: null,
  model: null,
  status: "complete",
  finishReason: null,
  errorCode: null,
  tokensUsed: 0,
  cost: null,
  createdAt: "2026-01-01T00:00:00Z",
  generationId: null,
  ...extra,
});

const turn = (extra: Partial<Turn>): Turn => ({
  sent: { content: "hi", clientMessageId: "k", at: "2026-01-01T00:00:00Z" },
  answer: emptyAnswer,
  phase: "sending",
  stopping: false,
  thinking: null,
  error: null,
  ...extra,
});

describe("joinRows", () => {
  it("shows the sent message before the server has answered", () => {
    const rows = joinRows("c", [], turn({}));
    expect(rows.sent?.content).toBe("hi");
    expect(rows.answer).toBeNull();
  });

  it("never shows a message twice once the stored one has arrived", () => {
    const answer = { ...emptyAnswer, messageId: "m", userMessageId: "u", text: "ab" };
    const stored = [message("u", { role: "user" }), message("m", { status: "generating" })];
    const rows = joinRows("c", stored, turn({ answer }));
    expect(rows.sent).toBeNull();
    expect(rows.stored.map((one) => one.id)).toEqual(["u"]);
    expect(rows.answer?.content).toBe("ab");
  });

  it("keeps the stored text in view until the frames read again have caught up", () => {
    const stored = [message("m", { status: "generating", content: "abcd" })];
    const behind = { ...emptyAnswer, messageId: "m", text: "ab" };
    const ahead = { ...behind, text: "abcdef" };
    expect(joinRows("c", stored, turn({ sent: null, answer: behind })).answer?.content).toBe(
      "abcd",
    );
    expect(joinRows("c", stored, turn({ sent: null, answer: ahead })).answer?.content).toBe(
      "abcdef",
    );
  });
});
