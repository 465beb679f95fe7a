import type { Token } from "marked";
import { heal } from "@/features/chat/markdown/heal";
import {
  FINISHED,
  GROWING,
  type Lexed,
  type Links,
  lex,
  plainBlock,
} from "@/features/chat/markdown/lex";

/** One block of a text: a paragraph, a list, a code block. `at` is where it begins and names it for good. */
export interface Block {
  at: number;
  token: Token;
}

/** A text cut into blocks. Those before `settled` can no longer change and are never read again. */
export interface Split {
  source: string;
  blocks: Block[];
  settled: number;
  settledBlocks: Block[];
  links: Links;
  /** How long the text must be before the lexer is asked again: 0 is at once. */
  readAt: number;
}

export const emptySplit: Split = {
  source: "",
  blocks: [],
  settled: 0,
  settledBlocks: [],
  links: {},
  readAt: 0,
};

/** A last block longer than this is shown as it is written until it is finished, and seldom read. */
const MAX_GROWING = 50_000;
/** Code from this length on is only added to; the lexer is asked again where it could end. */
const LONG_CODE = 8_000;

function place(tokens: Token[], from: number): Block[] {
  let at = from;
  const blocks: Block[] = [];
  for (const token of tokens) {
    if (token.type !== "space" && token.type !== "def") blocks.push({ at, token });
    at += token.raw.length;
  }
  return blocks;
}

const length = (tokens: Token[]) => tokens.reduce((sum, token) => sum + token.raw.length, 0);

/**
 * Cuts a growing text again, reading only what can still change: a block is settled as soon as another one
 * follows it. Settled blocks keep their identity, so that only the last one is rendered again.
 */
export function splitGrowing(previous: Split, text: string): Split {
  const source = text.replace(/\r\n?/g, "\n");
  const known = source.startsWith(previous.source) ? previous : emptySplit;
  const unread = source.slice(known.settled);
  if (source.length < known.readAt) {
    const last = { at: known.settled, token: plainBlock(unread) };
    return { ...known, source, blocks: [...known.settledBlocks, last] };
  }
  const code = longerCode(known, source);
  if (code !== null) {
    const last = { at: known.settled, token: code };
    return { ...known, source, blocks: [...known.settledBlocks, last] };
  }

  const read = lex(unread, known.links, GROWING);
  const { tokens } = read;
  let keep = tokens.length - 1;
  while (keep > 0 && tokens[keep]?.type === "space") keep -= 1;
  const links = { ...known.links, ...read.links };
  const open = tokens[keep];
  // "[^1]: The" defines a link only until the note goes on.
  if (open?.type === "def" && !(open.tag in known.links)) delete links[open.tag];
  const head = tokens.slice(0, Math.max(keep, 0));
  // Should the lexer ever drop a character, offsets would drift: settle nothing then.
  const exact = length(tokens) === unread.length;
  const settledNow = exact ? length(head) : 0;
  const settledBlocks =
    settledNow === 0
      ? known.settledBlocks
      : [...known.settledBlocks, ...place(head, known.settled)];
  const settled = known.settled + settledNow;
  const rest = source.slice(settled);
  const cut = { source, settled, settledBlocks, links };
  const shown = showLast(read, unread, rest, links);
  if (shown !== null) {
    return { ...cut, readAt: 0, blocks: [...settledBlocks, ...place(shown, settled)] };
  }
  // Read again once it is half as long again: all readings together stay below four times its length.
  const readAt = source.length + Math.max(1_000, Math.ceil(rest.length / 2));
  return { ...cut, readAt, blocks: [...settledBlocks, { at: settled, token: plainBlock(rest) }] };
}

/** What can still change, made presentable; null when that is too much work to do for every frame. */
function showLast(read: Lexed, unread: string, rest: string, links: Links): Token[] | null {
  if (rest.length > MAX_GROWING && !OPEN_CODE.test(rest)) return null;
  if (!read.whole && rest === unread) return null;
  const healed = heal(rest);
  if (rest === unread && healed === rest) return read.tokens;
  const shown = lex(healed, links, GROWING);
  return shown.whole ? shown.tokens : null;
}

const OPEN_CODE = /^(`{3,}|~{3,})[^`\n]*\n/;

/** A long block of code that goes on, without asking the lexer; null if it may have ended or is something else. */
function longerCode(known: Split, source: string): Token | null {
  const last = known.blocks.at(-1);
  if (last?.at !== known.settled || last.token.type !== "code") return null;
  const from = known.source.length;
  if (from - known.settled < LONG_CODE) return null;
  const [opening, mark = ""] = OPEN_CODE.exec(source.slice(known.settled)) ?? [];
  if (opening === undefined) return null;
  // From the last line written on: a line of nothing but the marks ends the code.
  const fresh = source.slice(known.source.trimEnd().lastIndexOf("\n") + 1);
  if (new RegExp(`^ {0,3}${mark}[${mark.charAt(0)} ]*$`, "m").test(fresh)) return null;
  const raw = source.slice(known.settled);
  const text = raw.slice(opening.length).replace(/\n[ \t]*(?:`{1,2}|~{1,2})$|\n$/, "");
  return { ...last.token, raw, text };
}

/** Cuts a finished text, in one piece and as it stands. */
export function splitFinished(text: string): Block[] {
  return place(lex(text, {}, FINISHED).tokens, 0);
}
