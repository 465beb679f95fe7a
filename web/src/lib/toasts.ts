import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
  /** Heard only: whoever looks at the page sees it elsewhere. */
  unseen?: true;
}

let toasts: Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

export function dismissToast(id: number) {
  publish(toasts.filter((toast) => toast.id !== id));
}

export function showToast(text: string, action?: Toast["action"], forMs = 6000): number {
  const id = nextId++;
  publish([...toasts.slice(-2), { id, text, action }]);
  setTimeout(() => dismissToast(id), forMs);
  return id;
}

/** Tells a screen reader; one voice for the page, since dialogs leave all that is around a live region within reach. */
export function say(text: string) {
  const id = nextId++;
  publish([...toasts, { id, text, unseen: true }]);
  setTimeout(() => dismissToast(id), 1600);
}

export function useToasts(): Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}
