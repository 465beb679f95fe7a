import { useEffect, useState } from "react";

/** Modules of controls that nobody needs before the page stands; each is loaded once, shortly before it is needed. */
const waiting = new Set<() => void>();

export interface Needed<Module> {
  /** The module, once it is here. */
  get: () => Module | null;
  fetch: () => Promise<Module>;
  prefetch: () => void;
}

export function whenNeeded<Module>(load: () => Promise<Module>): Needed<Module> {
  let module: Module | null = null;
  let loading: Promise<Module> | null = null;
  const fetch = () => {
    loading ??= load().then(
      (loaded) => {
        module = loaded;
        return loaded;
      },
      (error: unknown) => {
        loading = null;
        throw error;
      },
    );
    return loading;
  };
  const prefetch = () => void fetch().catch(() => {});
  waiting.add(prefetch);
  return { get: () => module, fetch, prefetch };
}

/** Once the page is idle everything is fetched, so that nothing waits at the first click, with or without a network. */
export function fetchWhenIdle() {
  const all = () => {
    for (const prefetch of waiting) prefetch();
  };
  if (typeof requestIdleCallback === "function") requestIdleCallback(all, { timeout: 5000 });
  else setTimeout(all, 2000);
}

/** The module from the first time on that it is wanted; null until it is here. */
export function useNeeded<Module>(needed: Needed<Module>, wanted: boolean): Module | null {
  const [used, setUsed] = useState(() => wanted && needed.get() !== null);
  useEffect(() => {
    if (wanted && !used)
      needed.fetch().then(
        () => setUsed(true),
        () => {}, // lib/releases.ts says why
      );
  }, [needed, wanted, used]);
  return used ? needed.get() : null;
}
