import { describe, expect, it } from "vitest";
import { safeReturn } from "@/routes/safe-return";

describe("safeReturn", () => {
  it("keeps a page of this application", () => {
    expect(safeReturn("/c/1?x=2")).toBe("/c/1?x=2");
  });

  it.each([
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/c/..//evil.example",
    "//",
    "javascript:alert(1)",
    "c/1",
    "",
    7,
    null,
    "/",
    "/login?from=/c/1",
  ])("drops %j", (value) => {
    expect(safeReturn(value)).toBeUndefined();
  });
});
