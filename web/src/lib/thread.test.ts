import { describe, expect, it } from "vitest";
import type { ChatInfo, MessageInfo } from "@/client/types.gen";
import {
  addNewer,
  addOlder,
  cutAfter,
  mergeFresh,
  putAfter,
  type Thread,
  withPassage,
} from "@/lib/thread";

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

describe("a passage far from the end", () => {
  const passage = (ids: string, cursor: string | null, after: string | null) => ({
    messages: [...ids].map(message),
    cursor,
    after,
  });
  const far = withPassage(thread("uvw", "u"), passage("efg", "e", "g"));

  it("is read on both ways without touching the end", () => {
    const wider = addNewer(
      addOlder(far, "e", passage("cd", "c", "d")),
      "g",
      passage("hi", "h", "i"),
    );
    expect(ids(wider.passage?.messages ?? [])).toBe("cdefghi");
    expect([wider.passage?.cursor, wider.passage?.after]).toEqual(["c", "i"]);
    expect([ids(wider.messages), wider.cursor]).toEqual(["uvw", "u"]);
    expect(mergeFresh(wider, thread("vwx", "v")).passage).toBe(wider.passage);
  });

  it("is not mixed with what was asked for before it was read again", () => {
    expect(addOlder(far, "x", passage("cd", "c", "d"))).toBe(far);
    expect(addNewer(far, "x", passage("hi", "h", "i"))).toBe(far);
  });

  it("becomes a part of the branch where it meets the end", () => {
    const met = addNewer(far, "g", passage("stuv", "s", "v"));
    expect([ids(met.messages), met.cursor, met.passage]).toEqual(["efgstuvw", "e", undefined]);
    const next = { ...thread("uvw", "u"), messages: [{ id: "u", parentId: "t" } as MessageInfo] };
    expect(ids(withPassage(next, passage("rst", "r", "t")).messages)).toBe("rstu");
  });

  it("is what a turn follows that begins in it", () => {
    const branched = putAfter(far, "f", [message("x")]);
    expect([ids(branched.messages), branched.cursor]).toEqual(["efx", "e"]);
    expect(branched.passage).toBeUndefined();
    expect(putAfter(far, "w", [message("x")]).passage).toBe(far.passage);
    const first = putAfter(withPassage(far, passage("abc", null, "c")), null, [message("x")]);
    expect([ids(first.messages), first.cursor]).toEqual(["x", null]);
  });
});
