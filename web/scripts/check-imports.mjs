// Imports go one way: shared (lib, components/ui, client, i18n) <- features <- routes, and no feature
// knows another one; what two features share moves to lib, what joins them lives in routes.
// Also keeps files small enough to be read in one go.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "src");
const MAX_LINES = 250;
const SHARED = new Set(["lib", "components", "client", "i18n", "styles", "test"]);

function tier(file) {
  const [top, second] = file.split("/");
  if (top === "features") return { name: "feature", feature: second };
  if (SHARED.has(top)) return { name: "shared" };
  return { name: "routes" };
}

function problem(from, to) {
  const a = tier(from);
  const b = tier(to);
  if (a.name === "shared" && b.name !== "shared")
    return "shared code may not know features or routes";
  if (a.name === "feature" && b.name === "routes") return "a feature may not know routes";
  if (a.name === "feature" && b.name === "feature" && a.feature !== b.feature) {
    return "a feature may not know another feature";
  }
  return null;
}

const errors = [];
for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
  const file = relative(src, join(entry.parentPath, entry.name)).split(sep).join("/");
  if (file.startsWith("client/")) continue;
  const text = readFileSync(join(src, file), "utf8");
  const lines = text.split("\n").length;
  if (lines > MAX_LINES) errors.push(`${file}: ${lines} lines; split it, ${MAX_LINES} is the most`);
  for (const [, spec] of text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)) {
    let target = null;
    if (spec.startsWith("@/")) target = spec.slice(2);
    else if (spec.startsWith(".")) target = posix.normalize(posix.join(posix.dirname(file), spec));
    if (target === null || target.startsWith("..")) continue;
    const why = problem(file, target);
    if (why) errors.push(`${file}: imports ${spec}; ${why}`);
  }
}

if (errors.length > 0) {
  console.error(errors.join("\n"));
  process.exit(1);
}
console.log("imports: every file keeps to its tier");
