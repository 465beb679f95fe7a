import { describe, expect, it } from "vitest";
import type { ChatInfo } from "@/client/types.gen";
import { addPage, belongs, mergeFirstPage, type Place, putChat } from "@/lib/chat-lists";

/** Named by its moment: the larger, the newer. */
const chat = (at: number, more: Partial<ChatInfo> = {}): ChatInfo => {
  const moment = new Date(Date.UTC(2026, 0, 1, 0, 0, at)).toISOString();
  return {
    id: `chat-${String(at).padStart(3, "0")}`,
    userId: "u",
    title: `${at}`,
    model: "m",
    systemPrompt: null,
    temperature: 0.7,
    pinned: false,
    archived: false,
    folderId: null,
    activeGenerationId: null,
    activeGenerations: [],
    createdAt: moment,
    updatedAt: moment,
    ...more,
  };
};
const list = (numbers: number[], cursor: string | null = null) => ({
  chats: numbers.map((at) => chat(at)),
  cursor,
});
const titles = (of: { chats: ChatInfo[] }) => of.chats.map((one) => one.title).join(" ");

describe("where a chat stands", () => {
  it("is one list, or the pinned ones and its folder", () => {
    const places: Place[] = ["all", "recent", "pinned", "archived", "folder:f"];
    const of = (more: Partial<ChatInfo>) => places.filter((place) => belongs(chat(1, more), place));
    expect(of({})).toEqual(["all", "recent"]);
    expect(of({ pinned: true })).toEqual(["all", "pinned"]);
    expect(of({ folderId: "f" })).toEqual(["all", "folder:f"]);
    expect(of({ folderId: "f", pinned: true })).toEqual(["all", "pinned", "folder:f"]);
    expect(of({ folderId: "f", pinned: true, archived: true })).toEqual(["archived"]);
  });
});

describe("reading the newest page again", () => {
  it("keeps what was read after it", () => {
    const merged = mergeFirstPage(list([9, 8, 7, 6, 5, 4], "4"), list([10, 9, 8], "8"));
    expect(titles(merged)).toBe("10 9 8 7 6 5 4");
    expect(merged.cursor).toBe("4");
  });

  it("drops what is not there any more, and does not show twice what has moved up", () => {
    const fresh = {
      chats: [chat(5, { updatedAt: chat(11).updatedAt }), chat(9), chat(7)],
      cursor: "7",
    };
    expect(titles(mergeFirstPage(list([9, 8, 7, 6, 5, 4], "4"), fresh))).toBe("5 9 7 6 4");
  });

  it("begins anew where the two may not join", () => {
    expect(titles(mergeFirstPage(list([3, 2, 1]), list([9, 8, 7], "7")))).toBe("9 8 7");
    const moved = { chats: [chat(3, { updatedAt: chat(20).updatedAt }), chat(9)], cursor: "9" };
    expect(titles(mergeFirstPage(list([3, 2, 1]), moved))).toBe("3 9");
    expect(titles(mergeFirstPage({ ...list([9, 8, 7]), stale: true }, list([9, 8], "8")))).toBe(
      "9 8",
    );
  });

  it("is everything where there is no more", () => {
    expect(mergeFirstPage(list([9, 8, 7], "7"), list([9])).chats).toHaveLength(1);
  });
});

describe("the page after the last", () => {
  it("is added without what is there already", () => {
    const next = addPage(list([9, 8], "8"), "8", list([8, 7], "7"));
    expect([titles(next), next.cursor]).toEqual(["9 8 7", "7"]);
  });

  it("is left out where the list was read anew meanwhile", () => {
    expect(titles(addPage(list([12, 11], "11"), "8", list([7])))).toBe("12 11");
  });
});

describe("a chat that changes", () => {
  it("goes to its place in time, into lists and out of them", () => {
    const known = list([9, 7, 5]);
    expect(titles(putChat(known, "recent", chat(8)))).toBe("9 8 7 5");
    expect(titles(putChat(known, "recent", chat(7, { pinned: true })))).toBe("9 5");
    expect(titles(putChat(known, "recent", chat(5, { updatedAt: chat(10).updatedAt })))).toBe(
      "5 9 7",
    );
    expect(titles(putChat(known, "recent", chat(1)))).toBe("9 7 5 1");
    expect(putChat(known, "pinned", chat(1))).toBe(known);
  });

  it("waits to be read where the list has not come so far", () => {
    expect(titles(putChat(list([9, 7], "7"), "recent", chat(3)))).toBe("9 7");
  });
});
