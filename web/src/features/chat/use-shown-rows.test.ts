import { act, renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { Row } from "@/features/chat/rows";
import { useShownRows } from "@/features/chat/use-shown-rows";

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({
    message: { id: `m${from + at}` },
    lastId: `m${from + at}`,
  })) as Row[];
const older = { has: true, busy: false, load: vi.fn() };
const open = (all: Row[], chatId = "c") =>
  renderHook((props) => useShownRows(props.chatId, props.all, older), {
    initialProps: { chatId, all },
  });
const ids = (parts: Row[][]) => parts.map((part) => [part[0]?.lastId, part.at(-1)?.lastId]);

describe("the rows of a long chat", () => {
  it("begin with the newest, and what comes before is added as it is asked for", () => {
    const { result, rerender } = open(rows(0, 100));
    expect(ids(result.current.parts)).toEqual([["m70", "m99"]]);
    act(() => result.current.showMore());
    expect(ids(result.current.parts)).toEqual([
      ["m40", "m69"],
      ["m70", "m99"],
    ]);
    rerender({ chatId: "c", all: rows(0, 102) });
    expect(ids(result.current.parts).at(-1)).toEqual(["m70", "m101"]);
  });

  it("come from the server when all that are known are shown", () => {
    const { result, rerender } = open(rows(90, 100));
    act(() => result.current.showMore());
    expect(older.load).toHaveBeenCalledOnce();
    rerender({ chatId: "c", all: rows(40, 100) });
    expect(ids(result.current.parts)).toEqual([["m90", "m99"]]);
    act(() => result.current.showMore());
    expect(ids(result.current.parts)[0]).toEqual(["m60", "m89"]);
  });

  it("begin anew in another chat, on another branch, and where there were none", () => {
    const { result, rerender } = open([]);
    expect(result.current.parts.flat()).toEqual([]);
    rerender({ chatId: "c", all: rows(0, 50) });
    expect(ids(result.current.parts)).toEqual([["m20", "m49"]]);
    rerender({ chatId: "c", all: rows(200, 240) });
    expect(ids(result.current.parts)).toEqual([["m210", "m239"]]);
    rerender({ chatId: "d", all: rows(0, 2) });
    expect(ids(result.current.parts)).toEqual([["m0", "m1"]]);
  });
});
