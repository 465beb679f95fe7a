import { act, renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { Row } from "@/features/chat/rows";
import { type Beyond, useShownRows } from "@/features/chat/use-shown-rows";

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({
    message: { id: `m${from + at}` },
    lastId: `m${from + at}`,
  })) as Row[];
const older = { has: true, busy: false, load: vi.fn() };
const newer = { has: false, busy: false, load: vi.fn() };
const open = (all: Row[], more: Partial<{ chatId: string; wanted: number; newer: Beyond }> = {}) =>
  renderHook((props) => useShownRows(props.chatId, props.all, props.wanted, older, props.newer), {
    initialProps: { chatId: "c", wanted: -1, newer, ...more, all },
  });
const same = { chatId: "c", wanted: -1, newer };
const ids = (parts: Row[][]) => parts.map((part) => [part[0]?.lastId, part.at(-1)?.lastId]);

describe("the rows of a long chat", () => {
  it("begin with the newest, and what comes before is added as it is asked for", () => {
    const { result, rerender } = open(rows(0, 100));
    expect(ids(result.current.parts)).toEqual([["m70", "m99"]]);
    act(() => result.current.showOlder());
    expect(ids(result.current.parts)).toEqual([
      ["m58", "m69"],
      ["m70", "m99"],
    ]);
    rerender({ ...same, all: rows(0, 102) });
    expect(ids(result.current.parts).at(-1)).toEqual(["m70", "m101"]);
  });

  it("come from the server when all that are known are shown", () => {
    const { result, rerender } = open(rows(90, 100));
    act(() => result.current.showOlder());
    expect(older.load).toHaveBeenCalledOnce();
    rerender({ ...same, all: rows(40, 100) });
    expect(ids(result.current.parts)).toEqual([["m90", "m99"]]);
    act(() => result.current.showOlder());
    expect(ids(result.current.parts)[0]).toEqual(["m78", "m89"]);
  });

  it("begin anew in another chat, on another branch, and where there were none", () => {
    const { result, rerender } = open([]);
    expect(result.current.parts.flat()).toEqual([]);
    rerender({ ...same, all: rows(0, 50) });
    expect(ids(result.current.parts)).toEqual([["m20", "m49"]]);
    rerender({ ...same, all: rows(200, 240) });
    expect(ids(result.current.parts)).toEqual([["m210", "m239"]]);
    rerender({ ...same, chatId: "d", all: rows(0, 2) });
    expect(ids(result.current.parts)).toEqual([["m0", "m1"]]);
  });

  it("are those around one that is wanted, wherever it is, and go on both ways until the end", () => {
    const { result, rerender } = open(rows(0, 100));
    rerender({ ...same, all: rows(0, 100), wanted: 40 });
    rerender({ ...same, all: rows(0, 100) });
    expect(ids(result.current.parts)).toEqual([["m25", "m54"]]);
    expect(result.current.atEnd).toBe(false);
    act(() => result.current.showOlder());
    act(() => result.current.showNewer());
    expect(ids(result.current.parts)).toEqual([
      ["m13", "m24"],
      ["m25", "m54"],
      ["m55", "m66"],
    ]);
    for (let step = 0; step < 3; step++) act(() => result.current.showNewer());
    expect(ids(result.current.parts).at(-1)).toEqual(["m91", "m99"]);
    expect(result.current.atEnd).toBe(true);
    rerender({ ...same, all: rows(0, 102) });
    expect(ids(result.current.parts).at(-1)).toEqual(["m91", "m101"]);
  });

  it("of a passage go on with what the server has, and with the chat's end where the two meet", () => {
    const more = { ...newer, has: true };
    const { result, rerender } = open(rows(0, 50), { wanted: 40, newer: more });
    rerender({ ...same, all: rows(0, 50), newer: more });
    expect(ids(result.current.parts)).toEqual([["m25", "m49"]]);
    act(() => result.current.showNewer());
    expect(more.load).toHaveBeenCalledOnce();
    rerender({ ...same, all: rows(0, 60) });
    expect(result.current.atEnd).toBe(false);
    act(() => result.current.showNewer());
    expect(ids(result.current.parts).at(-1)).toEqual(["m50", "m59"]);
    expect(result.current.atEnd).toBe(true);
  });

  it("begin at the end again when it is asked for, and follow a branch that was cut", () => {
    const { result, rerender } = open(rows(0, 100), { wanted: 20 });
    rerender({ ...same, all: rows(0, 30) });
    expect(result.current.atEnd).toBe(true);
    rerender({ ...same, all: rows(0, 100) });
    expect(result.current.atEnd).toBe(false);
    act(() => result.current.showEnd());
    expect(ids(result.current.parts)).toEqual([["m70", "m99"]]);
  });
});
