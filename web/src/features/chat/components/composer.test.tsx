import { createEvent, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { Composer, type ComposerProps } from "@/features/chat/components/composer";

function setUp(extra: Partial<ComposerProps> = {}) {
  const onSend = vi.fn();
  const onStop = vi.fn();
  function Holder() {
    const [text, setText] = useState("");
    return (
      <Composer
        text={text}
        onText={setText}
        onSend={() => onSend(text)}
        onStop={onStop}
        generating={false}
        stopping={false}
        placeholder="Ask"
        focusKey="a"
        {...extra}
      />
    );
  }
  render(<Holder />);
  const field = screen.getByRole<HTMLTextAreaElement>("textbox");
  return { user: userEvent.setup(), field, onSend, onStop };
}

describe("Composer", () => {
  it("has the focus when it appears", () => {
    const { field } = setUp();
    expect(document.activeElement).toBe(field);
  });

  it("sends with Enter", async () => {
    const { user, onSend } = setUp();
    await user.keyboard("Привет{Enter}");
    expect(onSend).toHaveBeenCalledExactlyOnceWith("Привет");
  });

  it("breaks the line with Shift+Enter", async () => {
    const { user, field, onSend } = setUp();
    await user.keyboard("a{Shift>}{Enter}{/Shift}b");
    expect(field.value).toBe("a\nb");
    expect(onSend).not.toHaveBeenCalled();
  });

  it("leaves Enter to an input method that is composing", async () => {
    const { user, field, onSend } = setUp();
    await user.keyboard("に");
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    const safari = createEvent.keyDown(field, { key: "Enter", keyCode: 229 });
    fireEvent(field, safari);
    expect(onSend).not.toHaveBeenCalled();
    expect(safari.defaultPrevented).toBe(false);
  });

  it("does not send blanks", async () => {
    const { user, onSend } = setUp();
    await user.keyboard("  {Enter}");
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(onSend).not.toHaveBeenCalled();
  });

  it("asks for sending while files are on their way, and lets it be taken back", async () => {
    const onDontSend = vi.fn();
    const { user, onSend } = setUp({ files: "busy", waiting: true, onDontSend });
    await user.keyboard("Look{Enter}");
    expect(onSend).toHaveBeenCalledOnce();
    await user.click(screen.getByRole("button", { name: "Don’t send yet" }));
    expect(onDontSend).toHaveBeenCalledOnce();
  });

  it("does not send files that could not be sent", async () => {
    const { user, onSend } = setUp({ files: "failed" });
    await user.keyboard("Look{Enter}");
    expect(onSend).not.toHaveBeenCalled();
  });

  it("stops an answer, and does not send into it", async () => {
    const { user, field, onSend, onStop } = setUp({ generating: true });
    await user.click(screen.getByRole("button", { name: "Stop" }));
    expect(onStop).toHaveBeenCalledOnce();
    await user.type(field, "next{Enter}");
    expect(onSend).not.toHaveBeenCalled();
    expect(field.value).toBe("next");
  });
});
