import type { TFunction } from "i18next";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { endNote } from "@/features/chat/end-note";
import { plainText } from "@/features/chat/markdown/plain-text";

/** Nobody listens to more at a stretch; the answer itself can be read at leisure. */
const LONGEST = 5_000;

export interface AnnouncerProps {
  busy: boolean;
  messages: MessageInfo[];
  /** Answers that were just compared; one of them is the last message. */
  compared: MessageInfo[] | undefined;
  nameOf: (model: string | null) => string | null;
}

/** Tells a screen reader that an answer has begun and, once it is there, the whole of it; not word by word while it grows. */
export function Announcer({ busy, messages, compared, nameOf }: AnnouncerProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  /** The last message when the writing began; null while nothing is being written. */
  const before = useRef<{ id: string | undefined } | null>(null);
  const last = messages.at(-1);
  useEffect(() => {
    if (busy) {
      before.current ??= { id: last?.id };
      setText(t("chat.thinking"));
      return;
    }
    if (before.current === null) return;
    const fresh = last?.role === "assistant" && last.id !== before.current.id ? last : null;
    before.current = null;
    const names = fresh && compared?.map(({ model }) => nameOf(model)).join(", ");
    if (names) setText(t("compare.ready", { names }));
    else setText(fresh ? said(t, fresh) : "");
  }, [busy, last, compared, nameOf, t]);
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}

/** Nothing of what failed: that is an alert where it stands. */
function said(t: TFunction, message: MessageInfo): string {
  if (message.status === "failed") return "";
  const text = plainText(message.content.slice(0, LONGEST));
  const note = endNote(t, message);
  return note === null ? t("chat.answerReady", { text }) : `${note} ${text}`.trim();
}
