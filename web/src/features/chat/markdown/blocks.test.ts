import { describe, expect, it } from "vitest";
import { emptySplit, splitFinished, splitGrowing } from "@/features/chat/markdown/blocks";

const TEXT = `# Title

A paragraph with **bold**, \`code\` and a [link](https://example.com).
Second line.

- one
- two
  - nested

  loose
- three

1. first
2. second

\`\`\`python
def f():

    return "\`\`"
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

> quote
> more

Setext
------

~~~
tilde
~~~
<div>html</div>

[ref]: https://example.com/ref
See [ref] there. Конец 👍
`;

const raws = (blocks: { at: number; token: { raw: string } }[]) =>
  blocks.map((block) => [block.at, block.token.raw]);

describe("splitGrowing", () => {
  it("takes no note for a link because it looked like one while it was written", () => {
    const text = "A mark[^1].\n\n[^1]: The note goes on.\n\nThe end.";
    let split = emptySplit;
    for (let end = 1; end <= text.length; end += 1) split = splitGrowing(split, text.slice(0, end));
    expect(split.links).toEqual({});
    expect(JSON.stringify(split.blocks)).not.toContain('"type":"link"');
  });

  it("arrives at the blocks of the finished text, for any size of the pieces", () => {
    const finished = splitFinished(TEXT);
    for (const size of [1, 2, 3, 7, 31, 1000]) {
      let split = emptySplit;
      for (let end = size; end < TEXT.length + size; end += size) {
        split = splitGrowing(split, TEXT.slice(0, end));
      }
      const settled = raws(split.settledBlocks);
      expect(settled).toEqual(raws(finished).slice(0, settled.length));
      expect(raws(split.blocks).map(([at]) => at)).toEqual(raws(finished).map(([at]) => at));
    }
  });

  it("leaves settled blocks as they are, so that only the last one renders again", () => {
    const before = splitGrowing(emptySplit, "one\n\ntwo\n\nthr");
    const after = splitGrowing(before, "one\n\ntwo\n\nthree");
    expect(after.blocks).toHaveLength(3);
    expect(after.blocks[0]?.token).toBe(before.blocks[0]?.token);
    expect(after.blocks[1]?.token).toBe(before.blocks[1]?.token);
    expect(after.blocks[2]?.token).not.toBe(before.blocks[2]?.token);
  });

  it("begins again when the text is another one", () => {
    const before = splitGrowing(emptySplit, "one\n\ntwo\n\nthree");
    expect(raws(splitGrowing(before, "other").blocks)).toEqual([[0, "other"]]);
  });

  it("keeps link definitions for the blocks after them", () => {
    let split = splitGrowing(emptySplit, "[a]: https://example.com\n\ntext\n\n");
    split = splitGrowing(split, "[a]: https://example.com\n\ntext\n\nsee [a]");
    const last = split.blocks.at(-1)?.token;
    expect(JSON.stringify(last)).toContain('"href":"https://example.com"');
  });

  it("never moves where a block begins while the text grows", () => {
    let split = emptySplit;
    const seen = new Map<number, number>();
    for (let end = 1; end <= TEXT.length; end += 1) {
      split = splitGrowing(split, TEXT.slice(0, end));
      for (const block of split.settledBlocks) {
        const length = seen.get(block.at) ?? block.token.raw.length;
        expect(block.token.raw.length).toBe(length);
        seen.set(block.at, length);
      }
    }
  });
});
