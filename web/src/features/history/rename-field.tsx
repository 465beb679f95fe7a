import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChatInfo } from "@/client/types.gen";
import { arrange } from "@/features/history/arranging";

/** Stands in the place of the title: Enter or leaving it keeps the new one, Escape the old one. */
export function RenameField({ chat, onDone }: { chat: ChatInfo; onDone: () => void }) {
  const { t } = useTranslation();
  const [title, setTitle] = useState(chat.title);
  const over = useRef(false);
  function finish(keep: boolean) {
    if (over.current) return;
    over.current = true;
    const next = title.trim();
    if (keep && next !== "" && next !== chat.title) void arrange(chat, { title: next });
    onDone();
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    event.stopPropagation();
    if (event.key === "Enter") finish(true);
    else if (event.key === "Escape") finish(false);
    else return;
    event.preventDefault();
  }
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it appears because its person asked to write in it
      autoFocus
      dir="auto"
      aria-label={t("history.renameTitle")}
      value={title}
      maxLength={255}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setTitle(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => finish(true)}
      className="h-(--row-chat) w-full rounded-sm border border-line-strong bg-raised px-2 text-sm pointer-coarse:h-11"
    />
  );
}
