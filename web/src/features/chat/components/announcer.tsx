import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { plainText } from "@/features/chat/markdown/plain-text";
import type { Turn } from "@/features/chat/stream/turn";

/** Nobody listens to more at a stretch; the answer itself can be read at leisure. */
const LONGEST = 5_000;

/** Tells a screen reader the whole answer once it is there, not word by word while it grows. */
export function Announcer({ turn, messages }: { turn: Turn | null; messages: MessageInfo[] }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const wasBusy = useRef(false);
  const busy = turn !== null;
  const last = messages.at(-1);
  useEffect(() => {
    if (busy) setText("");
    else if (wasBusy.current && last?.role === "assistant" && last.content !== "") {
      setText(t("chat.answerReady", { text: plainText(last.content.slice(0, LONGEST)) }));
    }
    wasBusy.current = busy;
  }, [busy, last, t]);
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
