// Which files the chat needs before anybody can type, send and read an answer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dist } from "./dist.mjs";

/** Chunks the chat page imports dynamically but cannot do without: the chat itself and one language. */
const NEEDED = [/routes\/chat-layout\.tsx$/, /i18n\/ru\.json$/];

/** Controls that are fetched as soon as the page is idle; without a network they must be there too. */
const SOON_AFTER = [/components\/ui\/[\w-]+-parts\.tsx$/, /models\/model-popover\.tsx$/];

/** With `soonAfter` also what the open page fetches by itself. */
export function firstLoad({ soonAfter = false } = {}) {
  const needed = soonAfter ? [...NEEDED, ...SOON_AFTER] : NEEDED;
  const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
  const scripts = new Set();
  const styles = new Set();
  function load(key) {
    const chunk = manifest[key];
    if (chunk === undefined || scripts.has(chunk.file)) return;
    if (chunk.file.endsWith(".js")) scripts.add(chunk.file);
    for (const file of chunk.css ?? []) styles.add(file);
    for (const next of chunk.imports ?? []) load(next);
  }
  for (const [key, chunk] of Object.entries(manifest)) {
    if (chunk.isEntry || needed.some((pattern) => pattern.test(key))) load(key);
  }
  return { manifest, scripts, styles };
}
