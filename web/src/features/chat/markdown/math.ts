import type { TokenizerExtensionFunction, TokenizerStartFunction, Tokens } from "marked";

/** A formula in TeX. `display` formulas stand on a line of their own. */
export interface MathToken extends Tokens.Generic {
  type: "math";
  raw: string;
  text: string;
  display: boolean;
}

/** A longer formula is none: each opening mark is followed this far at most, so that no text costs its square. */
const MAX_LENGTH = 5_000;

const MARKS = [
  { open: "$$", close: "$$", display: true },
  { open: "\\[", close: "\\]", display: true },
  { open: "\\(", close: "\\)", display: false },
] as const;

function math(raw: string, text: string, display: boolean): MathToken {
  return { type: "math", raw, text: text.trim(), display };
}

/** Where `mark` stands for itself: not after a backslash that belongs to the formula. */
function find(src: string, mark: string, from: number): number {
  const within = src.slice(0, MAX_LENGTH);
  for (let at = within.indexOf(mark, from); at !== -1; at = within.indexOf(mark, at + 1)) {
    if (mark !== "$$" || within[at - 1] !== "\\") return at;
  }
  return -1;
}

function marked(src: string, display: boolean | null): MathToken | undefined {
  const mark = MARKS.find(({ open }) => src.startsWith(open));
  if (mark === undefined || (display !== null && mark.display !== display)) return undefined;
  const end = find(src, mark.close, mark.open.length);
  if (end === -1) return undefined;
  const text = src.slice(mark.open.length, end);
  if (text.trim() === "") return undefined;
  return math(src.slice(0, end + mark.close.length), text, mark.display);
}

/**
 * One dollar on each side, as in Pandoc: no space inside of them, no digit behind, no empty line in between. So
 * "from $5 to $10" stays an amount of money.
 */
const DOLLARS = /^\$(?![\s$])((?:[^$\\\n]|\\[^\n]|\n(?!\s*\n)){0,1000}?[^\s\\$]|\\[^\n])\$(?!\d)/;

const inline: TokenizerExtensionFunction = (src) => {
  const found = marked(src, null);
  if (found !== undefined) return found;
  if (!src.startsWith("$")) return undefined;
  const [raw, text] = DOLLARS.exec(src.slice(0, MAX_LENGTH)) ?? [];
  return raw === undefined || text === undefined ? undefined : math(raw, text, false);
};

/** A formula with lines of its own; it may interrupt a paragraph. */
const block: TokenizerExtensionFunction = (src) => {
  const indent = /^ {0,3}(?=\$\$|\\\[)/.exec(src)?.[0].length;
  if (indent === undefined) return undefined;
  const found = marked(src.slice(indent), true);
  if (found === undefined) return undefined;
  const rest = /^[ \t]*(?:\n+|$)/.exec(src.slice(indent + found.raw.length))?.[0];
  if (rest === undefined) return undefined;
  const length = indent + found.raw.length + rest.length;
  return { ...found, raw: src.slice(0, length) };
};

const startInline: TokenizerStartFunction = (src) => {
  const at = src.search(/\$|\\[([]/);
  return at === -1 ? undefined : at;
};

const startBlock: TokenizerStartFunction = (src) => {
  // Only the paragraph at hand can be interrupted.
  const end = src.indexOf("\n\n");
  const at = (end === -1 ? src : src.slice(0, end)).search(/\n {0,3}(?:\$\$|\\\[)/);
  return at === -1 ? undefined : at + 1;
};

/** What the lexer needs to know formulas. */
export const mathRules = {
  renderers: {},
  childTokens: {},
  inline: [inline],
  block: [block],
  startInline: [startInline],
  startBlock: [startBlock],
};

/** Closes a formula that is still being written, so that it is shown as one from its beginning. */
export function closeMath(paragraph: string): string | null {
  const bare = paragraph.replace(/`[^`]*`/g, (code) => " ".repeat(code.length));
  const opened = /(?:^|\n) {0,3}\$\$(?!\$)/.exec(bare);
  if (opened !== null && bare.split("$$").length % 2 === 0) {
    return `${paragraph.replace(/\$$/, "")}$$`;
  }
  for (const { open, close } of MARKS.slice(1)) {
    if (bare.lastIndexOf(open) > bare.lastIndexOf(close)) {
      return `${paragraph.replace(/\\$/, "")}${close}`;
    }
  }
  return null;
}
