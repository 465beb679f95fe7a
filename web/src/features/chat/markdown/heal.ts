/**
 * Makes the growing end of a text presentable: closes what the model has opened but not closed yet and holds
 * back characters whose meaning is not decided, so that nothing flickers between two readings. Only what is
 * shown changes; the text itself does not.
 */
export function heal(source: string): string {
  const fence = openFence(source);
  // Inside of code everything is literal; only half of a closing fence is held back.
  if (fence !== null) return source.replace(/\n[ \t]*(?:`{1,2}|~{1,2})$/, "\n");
  let text = source
    // "text" + newline + "-" would be a heading until the list item's text arrives.
    .replace(/\n[ \t]*(?:-{1,2}|=+|\*{1,2}|_{1,2}|\+|#{1,6}|`{1,2}|\d{1,3}[.)]?)[ \t]*$/, "\n")
    .replace(/!\[[^\]\n]*(?:\](?:\([^)\n]*)?)?$/, "")
    .replace(/\[([^\]\n]*)\]\([^)\n]*$/, "$1");
  const start = text.lastIndexOf("\n\n") + 1;
  const tail = text.slice(start);
  if (count(tail, /`/g) % 2 === 1) return `${text.replace(/`$/, "")}${/`$/.test(text) ? "" : "`"}`;
  const prose = tail.replace(/`[^`]*`/g, "").replace(/\\[*_~]/g, "");
  for (const mark of ["**", "~~"] as const) {
    const pattern = mark === "**" ? /\*\*/g : /~~/g;
    if (count(prose, pattern) % 2 === 0) continue;
    const bare = text.trimEnd();
    text = bare.endsWith(mark)
      ? bare.slice(0, -2)
      : `${mark === "**" ? bare.replace(/([^*])\*$/, "$1") : bare}${mark}`;
  }
  return text;
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

function openFence(source: string): string | null {
  let open: string | null = null;
  for (const [, mark = "", info = ""] of source.matchAll(/^ {0,3}(?:[-*+>] +|\d+[.)] +)*[ \t]*(`{3,}|~{3,})(.*)$/gm)) {
    if (open === null) {
      if (!(mark.startsWith("`") && info.includes("`"))) open = mark;
    } else if (mark[0] === open[0] && mark.length >= open.length && info.trim() === "") {
      open = null;
    }
  }
  return open;
}
