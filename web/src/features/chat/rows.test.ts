import { describe, expect, it } from "vitest";
import type { MessageInfo } from "@/client/types.gen";
import { continued, storedBeside, toRows, turnRows } from "@/features/chat/rows";
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
  attachments: [],
  ...extra,
});

const turn = (extra: Partial<Turn>): Turn => ({
  chatId: "c",
  request: { kind: "message", content: "hi", clientMessageId: "k" },
  after: undefined,
  siblings: [],
  sent: { content: "hi", at: "2026-01-01T00:00:00Z", files: [] },
  answer: emptyAnswer,
  lanes: [],
  phase: "sending",
  stopping: false,
  thinking: null,
  error: null,
  ...extra,
});
const ids = (messages: MessageInfo[]) => messages.map((one) => one.id);

describe("a turn beside what is stored", () => {
  it("shows the sent message before the server has answered", () => {
    const rows = turnRows([], turn({}));
    expect(rows.sent?.content).toBe("hi");
    expect(rows.answer).toBeNull();
  });

  it("never shows a message twice once the stored one has arrived", () => {
    const answer = { ...emptyAnswer, messageId: "m", userMessageId: "u", text: "ab" };
    const stored = [message("u", { role: "user" }), message("m", { status: "generating" })];
    expect(storedBeside(stored, turn({ answer }))).toEqual([]);
    expect(turnRows(stored, turn({ answer })).answer?.content).toBe("ab");
  });

  it("takes the place of the answer it is written instead of", () => {
    const stored = [message("u", { role: "user" }), message("m"), message("v", { role: "user" })];
    const again = turn({ sent: null, after: "u", siblings: ["m"] });
    expect(ids(storedBeside(stored, again))).toEqual(["u"]);
    const answer = { ...emptyAnswer, messageId: "n" };
    expect(turnRows(stored, { ...again, answer }).answer?.siblingIds).toEqual(["m", "n"]);
  });

  it("keeps the stored text in view until the frames read again have caught up", () => {
    const stored = [message("m", { status: "generating", content: "abcd" })];
    const behind = { ...emptyAnswer, messageId: "m", text: "ab" };
    const ahead = { ...behind, text: "abcdef" };
    const shown = (answer: typeof behind) =>
      turnRows(stored, turn({ sent: null, answer })).answer?.content;
    expect(shown(behind)).toBe("abcd");
    expect(shown(ahead)).toBe("abcdef");
  });
});

describe("answers written in several goes", () => {
  it("are one text that goes on from its last part", () => {
    const rows = toRows([
      message("u", { role: "user" }),
      message("a", { content: "one ", tokensUsed: 3, status: "stopped" }),
      message("b", { content: "two", tokensUsed: 4 }),
    ]);
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({
      lastId: "b",
      message: { id: "a", content: "one two", tokensUsed: 7, status: "complete" },
    });
  });

  it("grow as part of the answer they go on with", () => {
    const [row] = toRows([message("a", { content: "one " })]);
    const grown = continued(row, message("b", { content: "tw", status: "generating" }));
    expect(grown).toMatchObject({ id: "a", content: "one tw", status: "generating" });
  });
});
