import { beforeEach, describe, expect, it } from "vitest";
import { rememberUnfinished, takeUnfinished } from "@/lib/after-payment";

beforeEach(() => localStorage.clear());

describe("what was to be done after paying", () => {
  it("is gone on with once", () => {
    rememberUnfinished({ from: "/c/1", model: "openai/gpt-4o" });
    expect(takeUnfinished()).toEqual({ from: "/c/1", model: "openai/gpt-4o" });
    expect(takeUnfinished()).toBeNull();
  });

  it.each(["//evil.example/x", "https://evil.example", "javascript:fired()"])(
    "never leads to %s",
    (from) => {
      rememberUnfinished({ from });
      expect(takeUnfinished()).toBeNull();
    },
  );

  it.each(["nonsense", "[]", '{"from":1}', '"text"'])("survives %s in the storage", (stored) => {
    localStorage.setItem("after-payment", stored);
    expect(takeUnfinished()).toBeNull();
  });
});
