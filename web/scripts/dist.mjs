import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const dist = join(dirname(fileURLToPath(import.meta.url)), "../../src/ai_chat/web_dist");
