import { readStored, writeStored } from "@/lib/storage";

/** What somebody was about to do when they went to pay; kept over the way to the payment page and back. */
export interface Unfinished {
  /** A path of this application. */
  from: string;
  /** The model they wanted to ask. */
  model?: string;
}

const KEY = "after-payment";

export const rememberUnfinished = (what: Unfinished) => writeStored(KEY, JSON.stringify(what));

/** Forgets it, too: it is gone on with once. */
export function takeUnfinished(): Unfinished | null {
  const stored = readStored(KEY);
  writeStored(KEY, null);
  try {
    const { from, model } = JSON.parse(stored ?? "null") as Unfinished;
    if (typeof from !== "string" || !from.startsWith("/") || from.startsWith("//")) return null;
    return { from, ...(typeof model === "string" && { model }) };
  } catch {
    return null;
  }
}
