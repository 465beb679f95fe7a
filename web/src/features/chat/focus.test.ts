import { afterEach, describe, expect, it, vi } from "vitest";
import { editLastQuestion } from "@/features/chat/focus";

afterEach(() => document.body.replaceChildren());

function addQuestion(text: string, clicked: string[]) {
  const button = document.createElement("button");
  button.dataset.editQuestion = "";
  button.onclick = () => clicked.push(text);
  document.body.append(button);
}

function afterFrames(frames: number, then: () => void) {
  if (frames === 0) then();
  else requestAnimationFrame(() => afterFrames(frames - 1, then));
}

describe("editLastQuestion", () => {
  it("opens the last question of those that are drawn", () => {
    const clicked: string[] = [];
    addQuestion("first", clicked);
    addQuestion("second", clicked);
    editLastQuestion();
    expect(clicked).toEqual(["second"]);
  });

  it("waits for the end of the chat, however many frames a busy page takes to draw it", async () => {
    const clicked: string[] = [];
    addQuestion("long ago", clicked);
    const way = document.createElement("button");
    way.dataset.wayToEnd = "";
    way.onclick = () =>
      afterFrames(10, () => {
        addQuestion("the last", clicked);
        way.remove();
      });
    document.body.append(way);
    editLastQuestion();
    await vi.waitFor(() => expect(clicked).toEqual(["the last"]));
  });
});
