/** A path to return to after signing in; anything that could lead to another site is dropped. */
export function safeReturn(value: unknown): string | undefined {
  if (typeof value !== "string" || !value.startsWith("/")) return undefined;
  const url = new URL(value, "https://here.invalid");
  if (url.host !== "here.invalid") return undefined;
  const path = url.pathname + url.search;
  return path === "/" ||
    path.startsWith("/login") ||
    path.startsWith("/register") ||
    path.startsWith("/recover")
    ? undefined
    : path;
}
