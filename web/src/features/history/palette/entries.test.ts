import { describe, expect, it } from "vitest";
import type { ChatInfo, SearchHit } from "@/client/types.gen";
import { type PaletteAction, sectionsOf } from "@/features/history/palette/entries";

const action = (label: string): PaletteAction => ({ id: label, label, icon: null, run: () => {} });
const actions = [action("Новый чат"), action("Тёмная тема")];
const hit = (kind: SearchHit["kind"], id: string) =>
  ({ kind, chatId: "c", messageId: kind === "message" ? id : null }) as SearchHit;
const recent = Array.from({ length: 20 }, (_, at) => ({ id: `${at}` }) as ChatInfo);
const shown = (query: string, hits: SearchHit[] = []) =>
  sectionsOf(query, recent, actions, hits).map(({ name, entries }) => `${name} ${entries.length}`);

describe("what the palette shows", () => {
  it("is the last chats and all actions while nothing is asked", () => {
    expect(shown("")).toEqual(["recent 7", "actions 2"]);
    expect(shown("  ")).toEqual(["recent 7", "actions 2"]);
  });

  it("is what was found, titles before messages, with the actions that suit", () => {
    const hits = [hit("chat", "1"), hit("message", "2"), hit("message", "3")];
    expect(shown("чат но", hits)).toEqual(["titles 1", "actions 1", "messages 2"]);
    expect(shown("зебра", hits)).toEqual(["titles 1", "messages 2"]);
    expect(shown("зебра")).toEqual([]);
  });
});
