import { describe, expect, it } from "vitest";
import { parseAmount, parseWhole } from "@/features/admin/amount";

describe("parseAmount", () => {
  it.each([
    ["990", 990],
    ["1 290,50", 1290.5],
    ["1\u00a0290.5 ₽", 1290.5],
    ["0.01", 0.01],
  ])("reads %s", (text, amount) => expect(parseAmount(text)).toBe(amount));

  it.each(["", "-1", "1.234", "1,2,3", "abc", "1e3", "٣"])("refuses %s", (text) =>
    expect(parseAmount(text)).toBeNull(),
  );
});

describe("parseWhole", () => {
  it("takes whole numbers from the least on", () => {
    expect(parseWhole("12 000", 1)).toBe(12000);
    expect(parseWhole("0", 1)).toBeNull();
    expect(parseWhole("1.5")).toBeNull();
  });
});
