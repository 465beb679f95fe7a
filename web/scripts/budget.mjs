// The first load of the chat page may cost at most 220 kB of JavaScript over the wire (brotli): everything
// needed to type, send and read a Markdown answer. What is loaded later (highlighting, the other language)
// is listed but not counted.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { dist } from "./dist.mjs";
import { firstLoad } from "./first-load.mjs";

const BUDGET = 220_000;

const { manifest, scripts: first, styles: css } = firstLoad();
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
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isDynamicEntry && later.has(chunk.file))
    console.log(`  ${kb(size(chunk.file))}  ${key}`);
}
if (total > BUDGET) {
  console.error(`over the budget of ${kb(BUDGET)}; largest files of the first load:`);
  for (const file of [...first].sort((a, b) => size(b) - size(a)).slice(0, 8)) {
    console.error(`  ${kb(size(file))}  ${file}`);
  }
  process.exit(1);
}
