import { useEffect, useRef, useState } from "react";
import type { FilesState } from "@/features/chat/attachments/use-composer-files";

/** Sending that is asked for while files are on their way is done once they are there, unless it is taken back until then. */
export function useSendSoon(chatId: string, files: FilesState, busy: boolean, send: () => void) {
  const [asked, setAsked] = useState<string | null>(null);
  const latest = useRef(send);
  latest.current = send;
  const waiting = asked === chatId && files === "busy";
  useEffect(() => {
    if (asked === null || waiting) return;
    setAsked(null);
    if (asked === chatId && files === "ready" && !busy) latest.current();
  }, [asked, waiting, chatId, files, busy]);
  return {
    waiting,
    onSend: () => (files === "busy" ? setAsked(chatId) : send()),
    dontSend: () => setAsked(null),
  };
}
