import { describe, expect, it } from "vitest";
import type { ChatInfo, MessageInfo } from "@/client/types.gen";
import { cutAfter, mergeFresh, putAfter, type Thread } from "@/lib/thread";

const message = (id: string) => ({ id }) as MessageInfo;
const thread = (ids: string, cursor: string | null = null): Thread => ({
  chat: {} as ChatInfo,
  messages: [...ids].map(message),
  cursor,
});
const ids = (messages: MessageInfo[]) => messages.map((one) => one.id).join("");

describe("mergeFresh", () => {
  it("keeps older messages that lead to the new page", () => {
    const merged = mergeFresh(thread("abcd", "a"), thread("cde", "c"));
    expect(ids(merged.messages)).toBe("abcde");
    expect(merged.cursor).toBe("a");
  });

  it("drops them when the branch is another one", () => {
    const merged = mergeFresh(thread("abcd", "a"), thread("xyz", "x"));
    expect(ids(merged.messages)).toBe("xyz");
    expect(merged.cursor).toBe("x");
  });

  it("keeps compared answers while one of them is the last", () => {
    const old = { ...thread("abc"), compared: [message("c"), message("d")] };
    expect(mergeFresh(old, thread("abd")).compared).toHaveLength(2);
    expect(mergeFresh(old, thread("abce")).compared).toBeUndefined();
  });
});

describe("a turn", () => {
  it("takes the place of what followed the same message", () => {
    expect(ids(putAfter(thread("abcd"), "b", [message("x")]).messages)).toBe("abx");
    expect(ids(putAfter(thread("abcd"), null, [message("x")]).messages)).toBe("x");
    expect(ids(putAfter(thread("abcd"), "d", [message("e")]).messages)).toBe("abcde");
  });

  it("comes last where the message it follows has not been read", () => {
    expect(ids(cutAfter(thread("abcd").messages, "z"))).toBe("abcd");
  });
});
