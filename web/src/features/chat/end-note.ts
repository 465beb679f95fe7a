import type { TFunction } from "i18next";
import type { MessageInfo } from "@/client/types.gen";

/** Why the text may be shorter than it wanted to be. */
export function endNote(t: TFunction, message: MessageInfo): string | null {
  if (message.status === "stopped") return t("chat.stopped");
  if (message.status === "interrupted") return t("chat.interrupted");
  if (message.status !== "complete") return null;
  if (message.finishReason === "length") return t("chat.lengthReached");
  return message.content.trim() === "" ? t("chat.emptyAnswer") : null;
}
