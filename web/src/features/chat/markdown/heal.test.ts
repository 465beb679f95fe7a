import { describe, expect, it } from "vitest";
import { heal } from "@/features/chat/markdown/heal";

describe("heal", () => {
  it.each([
    ["plain text", "plain text"],
    ["a **bol", "a **bol**"],
    ["a **bold*", "a **bold**"],
    ["a **bold**", "a **bold**"],
    ["a **", "a "],
    ["an *emph", "an *emph*"],
    ["2 * 3 and", "2 * 3 and"],
    ["see `cod", "see `cod`"],
    ["see `", "see "],
    ["~~gone", "~~gone~~"],
    ["a [link](https://exa", "a link"],
    ["a [link](https://example.com)", "a [link](https://example.com)"],
    ["![pic](https://exa", ""],
    ["![pi", ""],
    ["text\n-", "text\n"],
    ["text\n--", "text\n"],
    ["text\n=", "text\n"],
    ["text\n##", "text\n"],
    ["text\n1.", "text\n"],
    ["text\n- item", "text\n- item"],
    ["```js\nlet a = **", "```js\nlet a = **"],
    ["```js\nlet a\n``", "```js\nlet a\n"],
    ["```\ndone\n```\n**after", "```\ndone\n```\n**after**"],
    ["**one**\n\n*two", "**one**\n\n*two*"],
    ["`a*b` and *c", "`a*b` and *c*"],
    ["\\*literal", "\\*literal"],
    ["snake_case_name", "snake_case_name"],
  ])("shows %j as %j", (source, shown) => {
    expect(heal(source)).toBe(shown);
  });
});
