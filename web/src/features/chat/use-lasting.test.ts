import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Row } from "@/features/chat/rows";
import { useLasting } from "@/features/chat/use-lasting";

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({ message: { id: `m${from + at}` } })) as Row[];
const open = (all: Row[], more = false) =>
  renderHook((props) => useLasting("c", props.all, props.more), { initialProps: { all, more } });

it("counts the rows that were there when the chat was opened, and those that are put before them", () => {
  const { result, rerender } = open(rows(50, 60));
  rerender({ all: rows(50, 63), more: false });
  expect(result.current).toBe(10);
  rerender({ all: rows(0, 63), more: false });
  expect(result.current).toBe(60);
});

it("takes what is read behind a passage for old, until the end is reached", () => {
  const { result, rerender } = open(rows(0, 10), true);
  rerender({ all: rows(0, 20), more: true });
  expect(result.current).toBe(20);
  rerender({ all: rows(0, 90), more: false });
  expect(result.current).toBe(90);
  rerender({ all: rows(0, 92), more: false });
  expect(result.current).toBe(90);
});
