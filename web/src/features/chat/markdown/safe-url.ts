/**
 * The address of a link or image in an answer, or null when following it could do anything but open a page:
 * only http, https, mailto and tel survive, whatever spelling hides the scheme.
 */
export function safeUrl(raw: string, kinds: readonly string[] = LINKS): string | null {
  let url: URL;
  try {
    url = new URL(raw.trim(), "https://relative.invalid/");
  } catch {
    return null;
  }
  // A relative address would point into this application.
  if (url.hostname === "relative.invalid") return null;
  return kinds.includes(url.protocol) ? url.href : null;
}

const LINKS = ["https:", "http:", "mailto:", "tel:"];
export const IMAGES = ["https:", "http:"];
