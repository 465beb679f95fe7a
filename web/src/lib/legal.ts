const link = (name: string) =>
  document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content || null;

/** The operator's documents; null where the server has no address for one. */
export const offerUrl = link("app-offer");
export const privacyUrl = link("app-privacy");
