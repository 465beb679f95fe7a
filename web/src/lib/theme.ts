import { storedChoice, useStoredChoice } from "@/lib/stored-choice";

export type Theme = "light" | "dark" | "system";

const CANVAS = { light: "#fbfaf8", dark: "#191a18" };
const systemDark = () => window.matchMedia?.("(prefers-color-scheme: dark)");

function apply(theme: Theme) {
  const dark = theme === "dark" || (theme === "system" && systemDark()?.matches);
  const name = dark ? "dark" : "light";
  document.documentElement.dataset.theme = name;
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", CANVAS[name]);
}

const theme = storedChoice<Theme>("theme", ["system", "light", "dark"], {
  preference: "theme",
  onChange: apply,
});

export const setTheme = theme.set;
export const useTheme = () => useStoredChoice(theme);

/** public/theme.js has painted the first frame; from here on the system's changes are followed. */
export function followSystemTheme() {
  systemDark()?.addEventListener("change", () => apply(theme.get()));
  apply(theme.get());
}
