import { describe, expect, it } from "vitest";
import { fileName } from "@/features/chat/markdown/file-name";
import { plainText } from "@/features/chat/markdown/plain-text";

describe("plainText", () => {
  it.each([
    ["# Title\n\nA **bold** *word* and `code` &amp; more", "Title\n\nA bold word and code & more"],
    ["- one\n- two\n  - three", "• one\n• two\n  • three"],
    ["3. a\n4. b", "3. a\n4. b"],
    ["- [x] done\n- [ ] open", "• [x] done\n• [ ] open"],
    ["```js\nlet a = 1;\n```", "let a = 1;"],
    ["|a|b|\n|-|-|\n|1|**2**|", "a\tb\n1\t2"],
    [
      "[text](https://a.example) and <https://b.example>",
      "text (https://a.example) and https://b.example",
    ],
    ["> quoted\n\n---\n\nend", "quoted\n\nend"],
    ["so $x^2$ is", "so x^2 is"],
    ["<b>raw</b>", "<b>raw</b>"],
  ])("of %j is %j", (markdown, text) => {
    expect(plainText(markdown)).toBe(text);
  });
});

describe("fileName", () => {
  it.each([
    ["python", "code.py"],
    ["TypeScript", "code.ts"],
    ["toml", "code.toml"],
    ["", "code.txt"],
    ["../../etc", "code.txt"],
  ])("of %j is %s", (language, name) => {
    expect(fileName(language)).toBe(name);
  });
});
