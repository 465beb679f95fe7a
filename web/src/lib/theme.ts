import { useSyncExternalStore } from "react";
import { readStored, writeStored } from "@/lib/storage";

export type Theme = "light" | "dark" | "system";

const CANVAS = { light: "#fbfaf8", dark: "#191a18" };
const listeners = new Set<() => void>();
const systemDark = () => window.matchMedia?.("(prefers-color-scheme: dark)");

function stored(): Theme {
  const value = readStored("theme");
  return value === "light" || value === "dark" ? value : "system";
}

let theme: Theme = stored();

function apply() {
  const dark = theme === "dark" || (theme === "system" && systemDark()?.matches);
  const name = dark ? "dark" : "light";
  document.documentElement.dataset.theme = name;
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", CANVAS[name]);
}

export function setTheme(next: Theme) {
  theme = next;
  writeStored("theme", next);
  apply();
  for (const listener of listeners) listener();
}

/** public/theme.js has painted the first frame; from here on the system's changes are followed. */
export function followSystemTheme() {
  systemDark()?.addEventListener("change", apply);
  apply();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
}
