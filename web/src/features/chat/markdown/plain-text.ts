import type { Token, Tokens } from "marked";
import { splitFinished } from "@/features/chat/markdown/blocks";
import { decodeEntities } from "@/features/chat/markdown/entities";

/** An answer without its marks, to be pasted where Markdown is only noise. */
export function plainText(markdown: string): string {
  return splitFinished(markdown)
    .map((block) => blockText(block.token))
    .filter((text) => text !== "")
    .join("\n\n");
}

const inside = (token: Token): Token[] | undefined =>
  "tokens" in token ? token.tokens : undefined;

function blockText(token: Token): string {
  switch (token.type) {
    case "code":
    case "math":
      return token.text;
    case "list":
      return listText(token as Tokens.List);
    case "blockquote":
      return (inside(token) ?? []).map(blockText).filter(Boolean).join("\n");
    case "table":
      return tableText(token as Tokens.Table);
    case "hr":
    case "space":
    case "def":
      return "";
    case "html":
    case "plain":
      return token.raw.trim();
    default:
      return inlineText(inside(token) ?? [token]);
  }
}

function listText(list: Tokens.List): string {
  const first = Number(list.start) || 1;
  return list.items
    .map((item, at) => {
      const mark = list.ordered ? `${first + at}. ` : "• ";
      const done = item.task ? (item.checked ? "[x] " : "[ ] ") : "";
      const text = item.tokens.map(blockText).filter(Boolean).join("\n");
      return `${mark}${done}${text.replaceAll("\n", "\n  ")}`;
    })
    .join("\n");
}

function tableText(table: Tokens.Table): string {
  return [table.header, ...table.rows]
    .map((row) => row.map((cell) => inlineText(cell.tokens)).join("\t"))
    .join("\n");
}

function inlineText(tokens: Token[]): string {
  return tokens.map(pieceText).join("");
}

function pieceText(token: Token): string {
  switch (token.type) {
    case "br":
      return "\n";
    case "checkbox":
      return "";
    case "link": {
      const text = inlineText(inside(token) ?? []);
      return text === token.href || `mailto:${text}` === token.href
        ? text
        : `${text} (${token.href})`;
    }
    case "codespan":
    case "math":
    case "escape":
      return token.text;
    case "html":
      return token.raw;
    default: {
      const tokens = inside(token);
      if (tokens) return inlineText(tokens);
      return decodeEntities("text" in token ? token.text : token.raw);
    }
  }
}
