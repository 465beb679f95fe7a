/** A path to return to after signing in; anything that could lead to another site is dropped. */
export function safeReturn(value: unknown): string | undefined {
  const path = typeof value === "string" && value.startsWith("/") ? pathOf(value) : undefined;
  return path === "/" || path?.match(/^\/(\/|login|register|recover)/) ? undefined : path;
}

function pathOf(value: string): string | undefined {
  try {
    const url = new URL(value, "https://here.invalid");
    return url.host === "here.invalid" ? url.pathname + url.search : undefined;
  } catch {
    return undefined;
  }
}
