import { type RefObject, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { chooseBranch, getChat } from "@/lib/api/chats";
import { toApiError } from "@/lib/api/errors";
import { putCachedThread } from "@/lib/chat-cache";
import { endJump, type Jump, useWantedJump } from "@/lib/jump";
import { showToast } from "@/lib/toasts";

/** Reads the chat as far back as the message, on the branch that it is on. */
async function readTo({ chatId, messageId }: Jump) {
  try {
    putCachedThread(await getChat(chatId, null, undefined, messageId));
  } catch (error) {
    if (toApiError(error).code !== "MESSAGE_NOT_FOUND") throw error;
    await chooseBranch(chatId, messageId);
    putCachedThread(await getChat(chatId, null, undefined, messageId));
  }
}

/** The row that a message is drawn in: its own, or that of the answer it continues. */
function rowOf(area: HTMLElement, messages: MessageInfo[], at: number): HTMLElement | null {
  for (let index = at; index >= 0; index--) {
    const id = CSS.escape(messages[index]?.id ?? "");
    const row = area.querySelector<HTMLElement>(`[data-message="${id}"]`);
    if (row !== null) return row;
  }
  return null;
}

const FRAMES = 12;

/** Rows around it take their true heights only when they are drawn: it is held in the middle until they have. */
function show(row: HTMLElement) {
  let frames = 0;
  const hold = () => {
    row.scrollIntoView({ block: row.clientHeight > window.innerHeight / 2 ? "start" : "center" });
    if (++frames < FRAMES) requestAnimationFrame(hold);
  };
  hold();
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.dataset.found = "";
  row.addEventListener("animationend", () => delete row.dataset.found, { once: true });
}

/** Brings a message that is wanted into view and marks it for a moment; `reveal` draws the row of the first id that has one. */
export function useJump(
  area: RefObject<HTMLElement | null>,
  chatId: string,
  messages: MessageInfo[],
  reveal: (ids: string[]) => void,
) {
  const { t } = useTranslation();
  const jump = useWantedJump(chatId);
  const at = jump === null ? -1 : messages.findIndex((one) => one.id === jump.messageId);
  useEffect(() => {
    if (jump === null || at !== -1) return;
    readTo(jump).catch(() => {
      endJump(jump);
      showToast(t("chat.messageGone"));
    });
  }, [jump, at, t]);
  useEffect(() => {
    if (jump === null || at === -1 || area.current === null) return;
    const row = rowOf(area.current, messages, at);
    if (row === null) {
      const upTo = messages.slice(0, at + 1).map((one) => one.id);
      return reveal(upTo.reverse());
    }
    show(row);
    endJump(jump);
  });
}
