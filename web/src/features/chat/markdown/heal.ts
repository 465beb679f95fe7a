import { closeMath } from "@/features/chat/markdown/math";

/**
 * Makes the growing end of a text presentable: closes what the model has opened but not closed yet and holds
 * back characters whose meaning is not decided, so that nothing flickers between two readings. Only what is
 * shown changes; the text itself does not.
 */
export function heal(source: string): string {
  // Inside of code everything is literal; only half of a closing fence is held back.
  if (inFence(source)) return source.replace(/\n[ \t]*(?:`{1,2}|~{1,2})$/, "\n");
  const at = Math.max(source.lastIndexOf("\n"), source.length - NEAR, 0);
  const end = source
    .slice(at)
    .replace(UNDECIDED_LINE, "$1")
    .replace(/!\[[^\]\n]*(?:\](?:\([^)\n]*)?)?$/, "")
    .replace(/\[([^\]\n]*)\]\([^)\n]*$/, "$1")
    .replace(/(^|\s)[*_~]{1,3}$/, "$1");
  const text = source.slice(0, at) + end;
  const before = text.lastIndexOf("\n\n") + 1;
  const paragraph = text.slice(before);
  const formula = closeMath(paragraph);
  if (formula !== null) return text.slice(0, before) + formula;
  if (count(paragraph, /`/g) % 2 === 1) return text.endsWith("`") ? text.slice(0, -1) : `${text}\``;
  return close(close(close(text, paragraph, "~~"), paragraph, "**"), paragraph, "*");
}

/** An open link is looked for this far back only: for `[[[[…` the search takes the square of the distance. */
const NEAR = 1_000;

/** A line that is nothing but marks: a list, a heading, a rule or an underline? The next characters tell. */
const UNDECIDED_LINE =
  /(^|\n)[ \t]*(?:-{1,2}|=+|\*{1,2}|_{1,2}|\+|#{1,6}|`{1,2}|\d{1,3}[.)]?)[ \t]*$/;

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

const OPEN = {
  "~~": /~~(?=\S)(?:(?!~~).)*$/s,
  "**": /\*\*(?=\S)(?:(?!\*\*).)*$/s,
  "*": /(?:^|[\s(«"'_])\*(?=[^\s*])[^*\n]*$/,
};

/** Closes one kind of emphasis if the paragraph's last one is still open. */
function close(text: string, paragraph: string, mark: keyof typeof OPEN): string {
  const prose = paragraph.replace(/`[^`]*`/g, "").replace(/\\[*_~]/g, "");
  const marks = mark === "*" ? prose.replace(/\*\*/g, "") : prose;
  const odd = count(marks, mark === "~~" ? /~~/g : mark === "**" ? /\*\*/g : /\*/g) % 2 === 1;
  if (!odd) return text;
  const bare = text.trimEnd();
  // "**bold*" is on its way to "**bold**".
  if (mark === "**" && /[^*]\*$/.test(bare)) return `${bare}*`;
  return OPEN[mark].test(prose) ? `${bare}${mark}` : text;
}

const FENCE = /^ {0,3}(?:(?:[-*+]|\d{1,9}[.)]) {1,4})*[ \t]*(`{3,}|~{3,})(.*)$/gm;

function inFence(source: string): boolean {
  let open: string | null = null;
  for (const [, mark = "", info = ""] of source.matchAll(FENCE)) {
    if (open === null) {
      if (!(mark.startsWith("`") && info.includes("`"))) open = mark;
    } else if (mark[0] === open[0] && mark.length >= open.length && info.trim() === "") {
      open = null;
    }
  }
  return open !== null;
}
