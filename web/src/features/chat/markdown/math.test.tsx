import { render, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { splitFinished } from "@/features/chat/markdown/blocks";
import { heal } from "@/features/chat/markdown/heal";
import { Markdown } from "@/features/chat/markdown/markdown";

const formulas = (text: string) => {
  const found: [string, boolean][] = [];
  const walk = (tokens: unknown) => {
    for (const token of tokens as Record<string, unknown>[]) {
      if (token.type === "math") found.push([token.text as string, token.display as boolean]);
      if (Array.isArray(token.tokens)) walk(token.tokens);
      if (Array.isArray(token.items)) walk(token.items);
    }
  };
  walk(splitFinished(text).map((block) => block.token));
  return found;
};

describe("formulas", () => {
  it.each([
    ["Euler: $e^{i\\pi} + 1 = 0$.", [["e^{i\\pi} + 1 = 0", false]]],
    ["in \\(a_1 * b_1 * c\\) words", [["a_1 * b_1 * c", false]]],
    ["$$\nx = \\frac{a}{b}\n$$", [["x = \\frac{a}{b}", true]]],
    [
      "so\n$$x_1$$\nand\n\\[y\\]\nend",
      [
        ["x_1", true],
        ["y", true],
      ],
    ],
    [
      "- one $x$\n- two $$y$$",
      [
        ["x", false],
        ["y", true],
      ],
    ],
    ["from $5 to $10, or $5-$7, or $ 3 $", []],
    ["`$x$` and \\$x\\$", []],
    ["```\n$$x$$\n```", []],
    ["$$$$ and no more", []],
  ])("are found in %j", (text, expected) => {
    expect(formulas(text)).toEqual(expected);
  });

  it.each([
    ["$$\nx = \\frac{a", "$$\nx = \\frac{a$$"],
    ["$$\nx = a\n$", "$$\nx = a\n$$"],
    ["so \\(a + b", "so \\(a + b\\)"],
    ["so \\(a + b\\", "so \\(a + b\\)"],
    ["it costs $5 and", "it costs $5 and"],
    ["$$x$$ and **b", "$$x$$ and **b**"],
  ])("that are being written are closed: %j", (source, shown) => {
    expect(heal(source)).toBe(shown);
  });

  it("keep their last readable state while they grow", async () => {
    const { container, rerender } = render(<Markdown text={"$$\na + b"} growing />);
    await waitFor(() => expect(container.querySelector(".katex")).not.toBeNull());
    rerender(<Markdown text={"$$\na + b + \\frac{"} growing />);
    expect(container.querySelector(".katex")).not.toBeNull();
    expect(container.querySelector(".math-source")).toBeNull();
  });

  it("that are no TeX stay what they are", async () => {
    const { container } = render(<Markdown text={"$\\nonsense{$"} growing={false} />);
    await waitFor(() => expect(container.textContent).toContain("\\nonsense{"));
  });

  it.each([
    "\\href{javascript:alert(1)}{x}",
    "\\htmlClass{a}{x}",
    "\\includegraphics{https://e.example/a.png}",
  ])("never make a link, a picture or a class: %s", async (tex) => {
    const { container } = render(<Markdown text={`$$${tex}$$`} growing={false} />);
    await waitFor(() => expect(container.textContent).not.toBe(""));
    expect(container.querySelector("a, img, .a")).toBeNull();
  });

  it("cost little however often one is opened", () => {
    for (const text of [
      "$".repeat(100_000),
      "\\[\n\n".repeat(20_000),
      "\\( ".repeat(30_000),
      "$a ".repeat(30_000),
    ]) {
      expect(splitFinished(text).length).toBeGreaterThan(0);
    }
  });
});
