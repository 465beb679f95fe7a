import { type RefObject, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { hold } from "@/features/chat/row-sizes";
import type { Row } from "@/features/chat/rows";
import { chooseBranch, getPassage } from "@/lib/api/chats";
import { toApiError } from "@/lib/api/errors";
import { isCached, putCachedPassage, putCachedThread } from "@/lib/chat-cache";
import { endJump, type Jump } from "@/lib/jump";
import { showToast } from "@/lib/toasts";

/** Reads what is around the message, on the branch that it is on. */
async function readAround({ chatId, messageId }: Jump) {
  const read = async () => putCachedPassage(chatId, await getPassage(chatId, "around", messageId));
  try {
    await read();
  } catch (error) {
    if (toApiError(error).code !== "MESSAGE_NOT_FOUND") throw error;
    await putCachedThread(await chooseBranch(chatId, messageId));
    if (!isCached(chatId, messageId)) await read();
  }
}

/** The row that a message is drawn in, its own or that of the answer it continues; -1 where it is not known. */
export function rowOf(rows: Row[], messages: MessageInfo[], messageId: string): number {
  const places = new Map(rows.map(({ message }, at) => [message.id, at]));
  const from = messages.findIndex((one) => one.id === messageId);
  for (let at = from; at >= 0; at--) {
    const place = places.get(messages[at]?.id ?? "");
    if (place !== undefined) return place;
  }
  return -1;
}

function show(row: HTMLElement) {
  hold(() =>
    row.scrollIntoView({ block: row.clientHeight > window.innerHeight / 2 ? "start" : "center" }),
  );
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.dataset.found = "";
  row.addEventListener("animationend", () => delete row.dataset.found, { once: true });
}

/** Brings the message that is wanted into view and marks it for a moment. `rowId` says which row it is in, once it is drawn. */
export function useJump(
  area: RefObject<HTMLElement | null>,
  jump: Jump | null,
  rowId: string | undefined,
) {
  const { t } = useTranslation();
  const known = rowId !== undefined;
  useEffect(() => {
    if (jump === null || known) return;
    if (isCached(jump.chatId, jump.messageId)) return putCachedPassage(jump.chatId, undefined);
    readAround(jump).catch(() => {
      endJump(jump);
      showToast(t("chat.messageGone"));
    });
  }, [jump, known, t]);
  useEffect(() => {
    if (jump === null || rowId === undefined) return;
    const row = area.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(rowId)}"]`);
    if (!row) return;
    show(row);
    endJump(jump);
  });
}
