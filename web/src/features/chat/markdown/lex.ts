import { Lexer, type Token, Tokenizer, type TokensList } from "marked";
import { mathRules } from "@/features/chat/markdown/math";

export type Links = TokensList["links"];

export interface Lexed {
  tokens: Token[];
  links: Links;
  /** False if part of the text was left plain because reading it had become too much work. */
  whole: boolean;
}

/** Deeper nesting than any answer has a use for stays as the text it is. */
const MAX_DEPTH = 20;
/** No paragraph is that long; whoever writes one wants to see what happens. */
const MAX_INLINE = 20_000;
/** A text that keeps failing is not tried for ever. */
const MAX_FAILURES = 10;

/**
 * How many characters may be looked at. The lexer looks at all the rest of a paragraph again for every mark in
 * it, so `a_a_a_…` costs the square of its length; an answer meant to be read stays far below.
 */
export interface Effort {
  perRun: number;
  perText: (length: number) => number;
}
/** While a text grows it is read again and again. */
export const GROWING: Effort = { perRun: 500_000, perText: () => 1_000_000 };
export const FINISHED: Effort = {
  perRun: 1_000_000,
  perText: (length) => 4_000_000 + 100 * length,
};
/** What one step costs whatever the length of the rest. */
const STEP = 20;
/** A bare address longer than this is no link: finding where it ends takes the square of its length. */
const MAX_URL = 4_096;

const plainText = (src: string) => ({ type: "text", raw: src, text: src });

/** Counts the steps through a text; when there have been too many, the rest is taken as it stands. */
class CountingTokenizer extends Tokenizer {
  left = 0;
  leftOfRun = 0;
  nestedLeft = 0;
  whole = true;
  /** What each further piece of the quote being read costs: the lexer copies all lines left for each. */
  pieceOfQuote = 0;
  #quotes = 0;

  // The first thing tried at every step. (`emStrong`, `del` and `paragraph` must stay the library's own: it
  // takes short cuts then.)
  override escape(src: string): ReturnType<Tokenizer["escape"]> {
    const cost = src.length + STEP;
    this.left -= cost;
    this.leftOfRun -= cost;
    if (this.left >= 0 && this.leftOfRun >= 0) return super.escape(src);
    this.whole = false;
    return { type: "escape", raw: src, text: src };
  }

  override url(src: string): ReturnType<Tokenizer["url"]> {
    const token = super.url(src.slice(0, MAX_URL));
    return token !== undefined && token.raw.length < MAX_URL / 2 ? token : undefined;
  }

  // A quote continued by a line without its mark reads the quote or list it ends with once more.
  override blockquote(src: string): ReturnType<Tokenizer["blockquote"]> {
    const length = this.rules.block.blockquote.exec(src)?.[0].length;
    if (length === undefined) return undefined;
    return this.#nested(src, Math.ceil(length / 8), () => super.blockquote(src));
  }

  override list(src: string): ReturnType<Tokenizer["list"]> {
    return this.#nested(src, 0, () => super.list(src));
  }

  #nested<T>(src: string, piece: number, read: () => T): T {
    if (this.#quotes > 0) this.spend(src.length);
    const outer = this.pieceOfQuote;
    const quotes = this.#quotes;
    this.pieceOfQuote = piece;
    // What a list holds begins from the start of its items: only a quote hands over what it has read before.
    this.#quotes = piece > 0 ? quotes + 1 : 0;
    try {
      return read();
    } finally {
      this.pieceOfQuote = outer;
      this.#quotes = quotes;
    }
  }

  /** Throws when the structure itself is too much work: the block becomes text then. */
  spend(cost: number) {
    this.nestedLeft -= cost;
    if (this.nestedLeft < 0) throw new Error("Too much nested text");
  }
}

/** Marked's lexer recurses for each level of nesting; here it stops in time, and a failure costs one block. */
class BoundedLexer extends Lexer {
  readonly #counting: CountingTokenizer;
  readonly #effort: Effort;
  #blockDepth = 0;
  #inlineDepth = 0;

  constructor(effort: Effort, links: Links) {
    const counting = new CountingTokenizer();
    super({ gfm: true, tokenizer: counting, extensions: mathRules });
    this.#counting = counting;
    this.#effort = effort;
    Object.assign(this.tokens.links, links);
  }

  get whole() {
    return this.#counting.whole;
  }

  override lex(src: string): TokensList {
    this.#counting.left = this.#effort.perText(src.length);
    // Quotes and lists read what they hold again, some of it more than once.
    this.#counting.nestedLeft = 10_000 + (MAX_DEPTH + 1) * src.length;
    this.#readBlocks(src);
    for (const { src: text, tokens } of this.inlineQueue) {
      this.state.inRawBlock = false;
      this.inlineTokens(text, tokens);
    }
    this.inlineQueue = [];
    return this.tokens;
  }

  #readBlocks(src: string) {
    let rest = src;
    for (let failures = 0; rest !== ""; failures += 1) {
      const before = this.tokens.length;
      try {
        this.blockTokens(rest, this.tokens);
        return;
      } catch {
        // What was read before the failure stays; the block that failed becomes text, the next one has its chance.
        const read = this.tokens.slice(before).reduce((sum, token) => sum + token.raw.length, 0);
        rest = rest.slice(read);
        const end = failures < MAX_FAILURES ? rest.indexOf("\n\n", 1) : -1;
        const failed = end === -1 ? rest : rest.slice(0, end);
        this.tokens.push(plainBlock(failed));
        this.#counting.whole = false;
        this.#blockDepth = 0;
        this.state.top = true;
        rest = rest.slice(failed.length);
        this.#counting.nestedLeft = 10_000 + 4 * rest.length;
      }
    }
  }

  override blockTokens(src: string, tokens?: Token[], clipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, clipped?: boolean): TokensList;
  override blockTokens(src: string, tokens: Token[] = [], clipped?: boolean): Token[] {
    if (this.#blockDepth > 0) this.#counting.spend(src.length + this.#counting.pieceOfQuote);
    if (this.#blockDepth > MAX_DEPTH) {
      this.state.top = true;
      tokens.push(plainText(src));
      return tokens;
    }
    this.#blockDepth += 1;
    super.blockTokens(src, tokens, clipped);
    this.#blockDepth -= 1;
    return tokens;
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if (this.#inlineDepth > MAX_DEPTH || src.length > MAX_INLINE) {
      tokens.push(plainText(src));
      return tokens;
    }
    if (this.#inlineDepth > 0) {
      this.#inlineDepth += 1;
      super.inlineTokens(src, tokens);
      this.#inlineDepth -= 1;
      return tokens;
    }
    this.#counting.leftOfRun = this.#effort.perRun;
    this.#inlineDepth = 1;
    try {
      super.inlineTokens(src, tokens);
    } catch {
      this.#counting.whole = false;
      this.state.inLink = false;
      tokens.splice(0, tokens.length, plainText(src));
    }
    this.#inlineDepth = 0;
    return tokens;
  }
}

/** A block shown as it was written. */
export const plainBlock = (raw: string): Token => ({ type: "plain", raw });

/** Markdown → tokens. Never throws, and never works for long: what would need that stays plain text. */
export function lex(source: string, links: Links, effort: Effort): Lexed {
  const lexer = new BoundedLexer(effort, links);
  const tokens = lexer.lex(source.replace(/\r\n?/g, "\n"));
  return { tokens: [...tokens], links: tokens.links, whole: lexer.whole };
}
