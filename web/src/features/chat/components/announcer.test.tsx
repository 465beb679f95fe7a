import { render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { MessageInfo } from "@/client/types.gen";
import { Announcer, type AnnouncerProps } from "@/features/chat/components/announcer";

const message = (id: string, extra: Partial<MessageInfo> = {}) =>
  ({ id, role: "assistant", content: "", status: "complete", ...extra }) as MessageInfo;
const asked = [message("old", { content: "Long ago" }), message("q", { role: "user" })];

/** What is heard when an answer is written that ends as these messages. */
function heard(messages: MessageInfo[], extra: Partial<AnnouncerProps> = {}, before = asked) {
  const announcer = (props: Partial<AnnouncerProps>) => (
    <Announcer busy={false} messages={before} compared={undefined} nameOf={(id) => id} {...props} />
  );
  const { container, rerender } = render(announcer({}));
  const region = container.querySelector('[aria-live="polite"]');
  expect(region?.textContent).toBe("");
  rerender(announcer({ busy: true }));
  expect(region?.textContent).toBe("Thinking…");
  rerender(announcer({ messages, ...extra }));
  return region?.textContent;
}

describe("Announcer", () => {
  it("says an answer once it is whole, without its signs", () => {
    expect(heard([...asked, message("a", { content: "**Hello**" })])).toBe("Answer ready: Hello");
  });

  it("says how an answer ended that is not whole, or not there", () => {
    const end = (extra: Partial<MessageInfo>) => heard([...asked, message("a", extra)]);
    expect(end({ status: "stopped", content: "Hel" })).toBe("Answer stopped. Hel");
    expect(end({})).toBe("The model gave no answer.");
    expect(end({ status: "failed", content: "Hel" })).toBe("");
  });

  it("does not say an old answer again where none came", () => {
    const old = [message("old", { content: "Long ago" })];
    expect(heard(old, {}, old)).toBe("");
  });

  it("names the models whose answers can be compared", () => {
    const compared = [message("a", { model: "One" }), message("b", { model: "Two" })];
    expect(heard([...asked, ...compared.slice(1)], { compared })).toBe("Answers ready: One, Two");
  });
});
