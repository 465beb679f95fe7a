import { act, renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { FilesState } from "@/features/chat/attachments/use-composer-files";
import { useSendSoon } from "@/features/chat/use-send-soon";

function open() {
  const send = vi.fn();
  const hook = renderHook(({ chatId, files }) => useSendSoon(chatId, files, false, send), {
    initialProps: { chatId: "a", files: "busy" as FilesState },
  });
  return { ...hook, send };
}

it("sends a message as soon as its files are there, and once", () => {
  const { result, rerender, send } = open();
  act(() => result.current.onSend());
  act(() => result.current.onSend());
  expect([result.current.waiting, send.mock.calls.length]).toEqual([true, 0]);
  rerender({ chatId: "a", files: "ready" });
  rerender({ chatId: "a", files: "busy" });
  rerender({ chatId: "a", files: "ready" });
  expect([result.current.waiting, send.mock.calls.length]).toEqual([false, 1]);
});

it.each([
  ["it is taken back", "ready", "a", true],
  ["a file fails", "failed", "a", false],
  ["the files are removed", "none", "a", false],
  ["another chat is opened", "ready", "b", false],
] as const)("does not send it when %s", (_, files, chatId, takenBack) => {
  const { result, rerender, send } = open();
  act(() => result.current.onSend());
  if (takenBack) act(() => result.current.dontSend());
  rerender({ chatId, files });
  rerender({ chatId: "a", files: "ready" });
  expect(send).not.toHaveBeenCalled();
  act(() => result.current.onSend());
  expect(send).toHaveBeenCalledOnce();
});
