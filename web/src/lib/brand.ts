/** The product's name; the server may put another one into the page. */
export const brand =
  document.querySelector<HTMLMetaElement>('meta[name="app-brand"]')?.content.trim() || "AI Chat";
