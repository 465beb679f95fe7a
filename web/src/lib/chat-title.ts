import type { TFunction } from "i18next";

/** What the server calls a chat nobody has named yet. */
const UNNAMED = "New chat";

/** A chat's title as the reader should see it. */
export function chatTitle(t: TFunction, title: string): string {
  return title === UNNAMED || title.trim() === "" ? t("chat.newChat") : title;
}
