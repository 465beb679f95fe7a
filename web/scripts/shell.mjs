// Tells the service worker which files the chat needs to open without a network, and gives this build's shell a
// name of its own.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dist } from "./dist.mjs";
import { firstLoad } from "./first-load.mjs";

const { scripts, styles } = firstLoad({ soonAfter: true });
const files = [
  "/theme.js",
  "/favicon.svg",
  ...[...scripts, ...styles].map((file) => `/${file}`),
].sort();
const index = readFileSync(join(dist, "index.html"));
const version = createHash("sha256")
  .update(index)
  .update(files.join("\n"))
  .digest("hex")
  .slice(0, 12);
const path = join(dist, "sw.js");
const worker = readFileSync(path, "utf8")
  .replace('const VERSION = "dev";', `const VERSION = ${JSON.stringify(version)};`)
  .replace("const FILES = [];", `const FILES = ${JSON.stringify(files)};`);
if (!worker.includes(version)) throw new Error("public/sw.js has no place for the version");
writeFileSync(path, worker);
