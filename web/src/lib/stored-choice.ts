import { useSyncExternalStore } from "react";
import { type Preference, preferenceChosen, takePreference } from "@/lib/preferences";
import { readStored, writeStored } from "@/lib/storage";

/** A small choice of the reader's that outlives the page: one of a few words, the first of them when nothing is stored. */
export interface StoredChoice<T extends string> {
  get(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

export function storedChoice<T extends string>(
  name: string,
  words: readonly [T, ...T[]],
  {
    onChange,
    preference,
  }: {
    onChange?: (value: T) => void;
    /** What the account calls it, where devices are to agree. */
    preference?: Exclude<Preference, "favouriteModels" | "defaultModel">;
  } = {},
): StoredChoice<T> {
  const read = () => words.find((word) => word === readStored(name)) ?? words[0];
  const listeners = new Set<() => void>();
  let value = read();
  function show(next: T) {
    value = next;
    onChange?.(next);
    for (const listener of listeners) listener();
  }
  function keep(next: T) {
    writeStored(name, next === words[0] ? null : next);
    if (next !== value) show(next);
  }
  if (preference !== undefined) {
    takePreference(preference, (next: string) => {
      const word = words.find((one) => one === next);
      if (word !== undefined) keep(word);
    });
  }
  // Another tab has chosen.
  window.addEventListener("storage", (event) => {
    if (event.key === name && read() !== value) show(read());
  });
  return {
    get: () => value,
    set(next) {
      keep(next);
      if (preference !== undefined) preferenceChosen(preference, next as never);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStoredChoice<T extends string>(choice: StoredChoice<T>): T {
  return useSyncExternalStore(choice.subscribe, choice.get);
}
