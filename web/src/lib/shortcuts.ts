import { useEffect, useRef } from "react";

const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);
/** What the modifier key is called on this machine. */
export const MOD = APPLE ? "⌘" : "Ctrl";

/**
 * Every keyboard shortcut of the page, in the order of the list under `?`. `mod` is Ctrl, or ⌘ on a Mac. Keys without a
 * modifier work only while nothing is being typed.
 */
export const SHORTCUTS = {
  search: { keys: ["mod", "K"] },
  newChat: { keys: ["mod", "shift", "O"] },
  focusComposer: { keys: ["shift", "Escape"] },
  toggleSidebar: { keys: ["mod", "B"] },
  copyAnswer: { keys: ["mod", "shift", "C"] },
  editLast: { keys: ["ArrowUp"] },
  stop: { keys: ["Escape"] },
  settings: { keys: ["mod", ","] },
  help: { keys: ["?"] },
} as const;

export type ShortcutName = keyof typeof SHORTCUTS;

const LETTERS: Record<string, string> = {
  K: "KeyK",
  O: "KeyO",
  B: "KeyB",
  C: "KeyC",
  ",": "Comma",
};

/** By the key's place, so that a Russian layout has the same shortcuts. */
function matches(event: KeyboardEvent, name: ShortcutName): boolean {
  const keys: readonly string[] = SHORTCUTS[name].keys;
  const mod = APPLE ? event.metaKey : event.ctrlKey;
  if (keys.includes("mod") !== mod || event.altKey) return false;
  const key = keys.at(-1) ?? "";
  if (key === "?") return event.key === "?" || (event.shiftKey && event.code === "Slash");
  if (keys.includes("shift") !== event.shiftKey) return false;
  return key in LETTERS ? event.code === LETTERS[key] : event.key === key;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** Runs `act` on that shortcut anywhere on the page. It may return false to leave the key to others. */
export function useShortcut(name: ShortcutName, act: () => unknown, enabled = true) {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || !matches(event, name)) return;
      if (name === "help" && isTyping(event.target)) return;
      if (latest.current() !== false) event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [name, enabled]);
}
