import { render } from "@testing-library/react";
import { Lexer, Tokenizer } from "marked";
import { describe, expect, it, vi } from "vitest";
import { emptySplit, splitFinished, splitGrowing } from "@/features/chat/markdown/blocks";
import { FINISHED, GROWING, lex } from "@/features/chat/markdown/lex";
import { Markdown } from "@/features/chat/markdown/markdown";

const deep = (line: (depth: number) => string) => Array.from({ length: 200 }, (_, at) => line(at));

const HOSTILE: Record<string, string> = {
  quotes: ">".repeat(3000),
  "spaced quotes": "> ".repeat(3000),
  dashes: "- ".repeat(3000),
  pluses: "+ ".repeat(3000),
  numbers: "1. ".repeat(3000),
  "quotes in lists": "- > ".repeat(1000),
  "lists in quotes": "> - ".repeat(1000),
  "nested lists": deep((depth) => `${"  ".repeat(depth)}- a`).join("\n"),
  "deeper and deeper quotes": deep((depth) => `${">".repeat(depth + 1)} a`).join("\n"),
  "quotes continued without their mark": "> - a\nb\n".repeat(2000),
  stars: "*".repeat(19_000),
  "open stars": "*a ".repeat(6000),
  "stars that close late": "*a ".repeat(2000) + "a* ".repeat(2000),
  "nested strong": "**a ".repeat(1000) + "b** ".repeat(1000),
  underscores: "_".repeat(19_000),
  "words and underscores": "a_".repeat(10_000),
  "words and underscores in a shorter line": "a_".repeat(5000),
  brackets: "[".repeat(19_000),
  "nested links": `${"[".repeat(500)}a${"](https://a.b)".repeat(500)}`,
  "open links": `${"[a](b ".repeat(3000)})`,
  "open images": "![a".repeat(6000),
  ticks: "`".repeat(19_000),
  "more and more ticks": deep((depth) => "`".repeat(depth)).join(" "),
  "angle brackets": "<".repeat(19_000),
  "open tags": '<a b="'.repeat(3000),
  comments: "<!--".repeat(4000),
  exclamation: "!".repeat(19_000),
  pipes: "|".repeat(19_000),
  backslashes: "\\".repeat(19_000),
  tildes: "~~a ".repeat(5000),
  addresses: "a.b-c_".repeat(3000),
  "an endless link": `http://a.b/${"&a;".repeat(6000)}`,
  "one line": "x".repeat(100_000),
  "one line of hieroglyphs": "字".repeat(100_000),
  code: `\`\`\`\n${"let a = 1;\n".repeat(9000)}\`\`\``,
  table: `|a|b|\n|-|-|\n${"|1|2|\n".repeat(5000)}`,
};

/** Counts what the library is asked to do: the characters handed over, and those looked at step by step. */
function watchLexer() {
  const blocks = vi.spyOn(Lexer.prototype, "blockTokens");
  const steps = vi.spyOn(Tokenizer.prototype, "escape");
  const sum = (calls: unknown[][]) =>
    calls.reduce((all, [source]) => all + (source as string).length, 0);
  return {
    calls: () => blocks.mock.calls.length,
    read: () => sum(blocks.mock.calls),
    looked: () => sum(steps.mock.calls),
  };
}

function grow(text: string, frames: number) {
  let split = emptySplit;
  for (let frame = 1; frame <= frames; frame += 1) {
    split = splitGrowing(split, text.slice(0, Math.ceil((text.length * frame) / frames)));
  }
  return split;
}

describe("a hostile answer", () => {
  it.each(Object.entries(HOSTILE))("is read in bounded work: %s", (_name, text) => {
    const work = watchLexer();
    const { tokens } = lex(text, {}, FINISHED);
    expect(tokens.map((token) => token.raw).join("")).toHaveLength(text.length);
    expect(work.read()).toBeLessThanOrEqual(10_000 + 22 * text.length);
    expect(work.looked()).toBeLessThanOrEqual(FINISHED.perText(text.length));
  });

  it.each(Object.entries(HOSTILE))("may also grow: %s", (_name, text) => {
    const work = watchLexer();
    const frames = 60;
    grow(text, frames);
    // Twice a frame, for what is settled and for what is shown.
    expect(work.looked()).toBeLessThanOrEqual(2 * frames * GROWING.perText(0));
    expect(splitFinished(text).length).toBeGreaterThan(0);
  });

  it.each([
    "quotes",
    "spaced quotes",
    "pluses",
    "quotes in lists",
    "lists in quotes",
    "nested lists",
    "nested strong",
    "nested links",
    "words and underscores in a shorter line",
    "one line",
    "code",
  ])("can be shown: %s", (name) => {
    const text = HOSTILE[name] ?? "";
    for (const growing of [true, false]) {
      const { container, unmount } = render(<Markdown text={text} growing={growing} />);
      expect(container.querySelector(".prose")?.childElementCount).toBeGreaterThan(0);
      unmount();
    }
  });

  it("keeps every character that could not be read", () => {
    const { container } = render(<Markdown text={"a_".repeat(10_000)} growing={false} />);
    expect(container.textContent).toBe("a_".repeat(10_000));
  });
});

describe("a long block that grows", () => {
  it("is read seldom once it is too much work, and shown as it is written", () => {
    const work = watchLexer();
    const text = "a_".repeat(9000);
    const split = grow(text, 600);
    expect(split.blocks.map((block) => block.token.type)).toEqual(["plain"]);
    expect(split.blocks[0]?.token.raw).toBe(text);
    // 600 frames, and fewer than 200 readings: the first hundreds of characters are cheap, the others rare.
    expect(work.calls()).toBeLessThan(200);
  });

  it("goes on as usual with the next block", () => {
    const text = `${"a_".repeat(3000)}\n\nthen **this**`;
    const split = grow(text + " word".repeat(1000), 600);
    expect(split.blocks.at(-1)?.token.type).toBe("paragraph");
    expect(split.blocks).toHaveLength(2);
  });

  it("reads a long table at most about four times over", () => {
    const work = watchLexer();
    const text = `|a|b|\n|-|-|\n${"|1 and more|2 and more|\n".repeat(5000)}`;
    let split = grow(text.slice(0, 50_000), 1);
    split = splitGrowing(split, text.slice(0, 50_100));
    const before = work.read();
    for (let end = 50_200; end <= text.length; end += 100) {
      split = splitGrowing(split, text.slice(0, end));
    }
    expect(split.blocks[0]?.token.type).toBe("plain");
    expect(work.read() - before).toBeLessThan(4 * text.length);
    expect(splitFinished(text)[0]?.token.type).toBe("table");
  });

  it("adds to long code without reading it again, and sees where it ends", () => {
    const code = "let a = 1;\n\nlet `b` = 2;\n".repeat(4000);
    const text = `\`\`\`js\n${code}\`\`\`\n\nand **then**`;
    let split = grow(text.slice(0, 9000), 1);
    const work = watchLexer();
    for (let end = 9000; end <= code.length; end += 50) {
      split = splitGrowing(split, text.slice(0, end));
    }
    expect(work.calls()).toBe(0);
    expect(split.blocks[0]?.token).toMatchObject({ type: "code", lang: "js" });
    for (let end = code.length; end <= text.length; end += 1) {
      split = splitGrowing(split, text.slice(0, end));
    }
    expect(split.blocks.map((block) => block.token)).toEqual(
      splitFinished(text).map((block) => block.token),
    );
  });
});
