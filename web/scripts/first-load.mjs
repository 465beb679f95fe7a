// Which files the chat needs before anybody can type, send and read an answer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dist } from "./dist.mjs";

/** Chunks the chat page imports dynamically but cannot do without: the chat itself and one language. */
const NEEDED = [/routes\/chat-layout\.tsx$/, /i18n\/ru\.json$/];

export function firstLoad() {
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
    if (chunk.isEntry || NEEDED.some((pattern) => pattern.test(key))) load(key);
  }
  return { manifest, scripts, styles };
}
