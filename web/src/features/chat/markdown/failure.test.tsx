import { act, render, screen } from "@testing-library/react";
import { Lexer, Tokenizer } from "marked";
import { afterEach, describe, expect, it, vi } from "vitest";
import { splitFinished } from "@/features/chat/markdown/blocks";
import { FINISHED, lex } from "@/features/chat/markdown/lex";
import { Markdown } from "@/features/chat/markdown/markdown";
import { MarkdownBoundary } from "@/features/chat/markdown/markdown-boundary";

describe("a failure of the lexer", () => {
  afterEach(() => vi.restoreAllMocks());

  it("leaves the block that failed as text, and no other", () => {
    const heading = Tokenizer.prototype.heading;
    vi.spyOn(Tokenizer.prototype, "heading").mockImplementation(function (this: Tokenizer, src) {
      if (src.startsWith("# bad")) throw new RangeError("Maximum call stack size exceeded");
      return heading.call(this, src);
    });
    const blocks = splitFinished("one\n\n# bad **x**\nsame\n\n- two\n\n# good");
    expect(blocks.map(({ token }) => token.type)).toEqual([
      "paragraph",
      "plain",
      "list",
      "heading",
    ]);
    expect(blocks[1]?.token.raw).toBe("# bad **x**\nsame");
  });

  it("leaves a paragraph that failed as text", () => {
    vi.spyOn(Tokenizer.prototype, "codespan").mockImplementation(() => {
      throw new RangeError("Maximum call stack size exceeded");
    });
    const { container } = render(<Markdown text={"`a` **b**\n\nc"} growing={false} />);
    expect(container.textContent).toContain("`a` **b**");
  });

  it("ends, however often it happens", () => {
    vi.spyOn(Tokenizer.prototype, "space").mockImplementation(() => {
      throw new Error("always");
    });
    const text = "a\n\n".repeat(1000);
    const { tokens, whole } = lex(text, {}, FINISHED);
    expect(whole).toBe(false);
    expect(tokens.map((token) => token.raw).join("")).toBe(text);
    expect(tokens.length).toBeLessThan(20);
  });
});

function Broken({ fails }: { fails: boolean }) {
  if (fails) throw new Error("cannot be shown");
  return <p>formatted</p>;
}

describe("MarkdownBoundary", () => {
  it("shows the text and says so, and tries again when the answer is finished", () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = (growing: boolean) => (
      <MarkdownBoundary text="**the text**" growing={growing}>
        <Broken fails={growing} />
      </MarkdownBoundary>
    );
    const { rerender } = render(answer(true));
    expect(screen.getByText("**the text**")).toBeTruthy();
    expect(screen.getByText(/простым текстом|plain text/)).toBeTruthy();
    rerender(answer(false));
    expect(screen.getByText("formatted")).toBeTruthy();
  });
});

describe("the pace of a growing answer", () => {
  afterEach(() => vi.useRealTimers());

  it("skips frames after a costly one, and catches up without more text", () => {
    vi.useFakeTimers();
    let clock = 1000;
    let cost = 0;
    vi.spyOn(performance, "now").mockImplementation(() => clock);
    const read = Lexer.prototype.blockTokens;
    vi.spyOn(Lexer.prototype, "blockTokens").mockImplementation(function (
      this: Lexer,
      ...given: Parameters<typeof read>
    ) {
      clock += cost;
      return read.apply(this, given);
    } as typeof read);
    const { container, rerender } = render(<Markdown text="one" growing />);
    rerender(<Markdown text="one two" growing />);
    expect(container.textContent).toBe("one two");
    cost = 20;
    rerender(<Markdown text="one two three" growing />);
    expect(container.textContent).toBe("one two three");
    rerender(<Markdown text="one two three four" growing />);
    expect(container.textContent).toBe("one two three");
    clock += 60;
    act(() => vi.advanceTimersByTime(60));
    expect(container.textContent).toBe("one two three four");
    rerender(<Markdown text="one two three four five" growing={false} />);
    expect(container.textContent).toBe("one two three four five");
  });
});
