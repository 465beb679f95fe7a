const fact = (name: string) =>
  document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content || null;

/** The operator's documents; null where the server has no address for one. */
export const offerUrl = fact("app-offer");
export const privacyUrl = fact("app-privacy");
/** Whom people can write to. */
export const supportEmail = fact("app-support");
/** Whether the server sends letters. */
export const mailing = fact("app-mail") === "on";
