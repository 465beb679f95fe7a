import { Lexer, type Token, type TokensList } from "marked";
import { heal } from "@/features/chat/markdown/heal";

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
  links: TokensList["links"];
}

export const emptySplit: Split = {
  source: "",
  blocks: [],
  settled: 0,
  settledBlocks: [],
  links: {},
};

function lex(source: string, links: Split["links"]) {
  const lexer = new Lexer({ gfm: true });
  Object.assign(lexer.tokens.links, links);
  return lexer.lex(source);
}

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
  const tail = source.slice(known.settled);
  const tokens = lex(tail, known.links);
  const links = { ...known.links, ...tokens.links };
  let keep = tokens.length - 1;
  while (keep > 0 && tokens[keep]?.type === "space") keep -= 1;
  const head = tokens.slice(0, Math.max(keep, 0));
  // Should the lexer ever drop a character, offsets would drift: settle nothing then.
  const exact = length(tokens) === tail.length;
  const settledNow = exact ? length(head) : 0;
  const settledBlocks =
    settledNow === 0
      ? known.settledBlocks
      : [...known.settledBlocks, ...place(head, known.settled)];
  const settled = known.settled + settledNow;
  const rest = source.slice(settled);
  return {
    source,
    settled,
    settledBlocks,
    links,
    blocks: [...settledBlocks, ...place(lex(heal(rest), links), settled)],
  };
}

/** Cuts a finished text, in one piece and as it stands. */
export function splitFinished(text: string): Block[] {
  return place(lex(text, {}), 0);
}
