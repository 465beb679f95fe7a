// The first load of the chat page may cost at most 220 kB of JavaScript over the wire (brotli): everything
// needed to type, send and read a Markdown answer. What is loaded later (highlighting, the other language)
// is listed but not counted.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { dist } from "./dist.mjs";

const BUDGET = 220_000;
/** Chunks the chat page imports dynamically but cannot do without: the chat itself and one language. */
const NEEDED = [/routes\/chat-layout\.tsx$/, /i18n\/ru\.json$/];

const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const first = new Set();
const css = new Set();

function load(key) {
  const chunk = manifest[key];
  if (chunk === undefined || first.has(chunk.file)) return;
  if (chunk.file.endsWith(".js")) first.add(chunk.file);
  for (const file of chunk.css ?? []) css.add(file);
  for (const next of chunk.imports ?? []) load(next);
}
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isEntry || NEEDED.some((pattern) => pattern.test(key))) load(key);
}
const scripts = Object.values(manifest)
  .map((chunk) => chunk.file)
  .filter((file) => file.endsWith(".js"));
const size = (file) =>
  statSync(join(dist, existsSync(join(dist, `${file}.br`)) ? `${file}.br` : file)).size;
const sum = (files) => [...files].reduce((total, file) => total + size(file), 0);
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

const total = sum(first) + size("theme.js");
const later = new Set(scripts.filter((file) => !first.has(file)));
console.log(`first load of the chat: ${kb(total)} of JavaScript, ${kb(sum(css))} of CSS (brotli)`);
console.log(`loaded later: ${kb(sum(later))} in ${later.size} files`);
if (total > BUDGET) {
  console.error(`over the budget of ${kb(BUDGET)}; largest files of the first load:`);
  for (const file of [...first].sort((a, b) => size(b) - size(a)).slice(0, 8)) {
    console.error(`  ${kb(size(file))}  ${file}`);
  }
  process.exit(1);
}
