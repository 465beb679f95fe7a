import { useSyncExternalStore } from "react";
import { preferenceChosen, takePreference } from "@/lib/preferences";
import { readStored, writeStored } from "@/lib/storage";

/** Models the reader wants at hand. */
const KEY = "favourite-models";
const listeners = new Set<() => void>();
let favourites = read();

function read(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(readStored(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

function show(next: readonly string[]) {
  favourites = next;
  for (const listener of listeners) listener();
}

window.addEventListener("storage", (event) => event.key === KEY && show(read()));

function keep(next: readonly string[]) {
  show(next);
  writeStored(KEY, next.length > 0 ? JSON.stringify(next) : null);
}

takePreference("favouriteModels", keep);

export function toggleFavourite(id: string) {
  keep(favourites.includes(id) ? favourites.filter((one) => one !== id) : [...favourites, id]);
  preferenceChosen("favouriteModels", [...favourites]);
}

export function useFavourites(): readonly string[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => favourites,
  );
}
