import { Dialog } from "@base-ui/react/dialog";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { EndSentinel } from "@/components/ui/end-sentinel";
import { SearchIcon } from "@/components/ui/icons";
import { Spinner } from "@/components/ui/spinner";
import { type Entry, type PaletteAction, sectionsOf } from "@/features/history/palette/entries";
import { PaletteRow } from "@/features/history/palette/palette-row";
import { useSearch } from "@/features/history/palette/use-search";
import { useChatList } from "@/features/history/use-chat-list";
import { useErrorText } from "@/i18n/use-error-text";

export interface PaletteProps {
  actions: PaletteAction[];
  onChat: (chatId: string, messageId: string | null) => void;
  onClose: () => void;
}

/** Finds chats, messages and actions. The focus stays in the field, arrows move through what was found. */
export default function Palette({ actions, onChat, onClose }: PaletteProps) {
  const { t } = useTranslation();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-50 bg-overlay" />
        <Dialog.Popup className="fixed inset-x-0 top-[max(0.75rem,min(12vh,7rem))] z-50 mx-auto flex max-h-[min(38rem,calc(100dvh-1.5rem))] w-[min(42rem,calc(100vw-1.5rem))] flex-col overflow-hidden rounded-xl bg-raised text-text shadow-float outline-none animate-appear">
          <Dialog.Title className="sr-only">{t("palette.title")}</Dialog.Title>
          <Content actions={actions} onChat={onChat} onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Content({ actions, onChat, onClose }: PaletteProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const base = useId();
  const [query, setQuery] = useState("");
  const [pointed, setPointed] = useState<string | null>(null);
  const { chats } = useChatList("all");
  const { hits, settled, isError, error, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useSearch(query);
  const sections = sectionsOf(query, chats, actions, hits);
  const flat = sections.flatMap((section) => section.entries);
  const active = flat.find((entry) => entry.id === pointed) ?? flat[0] ?? null;
  const rowId = (entry: Entry) => `${base}-${entry.id}`;
  const asked = query.trim() !== "";

  function choose(entry: Entry) {
    onClose();
    if (entry.kind === "action") entry.action.run();
    else if (entry.kind === "chat") onChat(entry.chat.id, null);
    else onChat(entry.hit.chatId, entry.hit.messageId);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing || active === null) return;
    const at = flat.indexOf(active);
    const steps: Record<string, number> = {
      ArrowDown: (at + 1) % flat.length,
      ArrowUp: (at - 1 + flat.length) % flat.length,
      PageDown: Math.min(at + 6, flat.length - 1),
      PageUp: Math.max(at - 6, 0),
    };
    const next = flat[steps[event.key] ?? -1];
    if (next !== undefined) {
      setPointed(next.id);
      document.getElementById(rowId(next))?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") choose(active);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div className="flex items-center gap-3 border-b border-line px-4 text-text-3">
        <SearchIcon className="text-lg" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls={`${base}-list`}
          aria-activedescendant={active ? rowId(active) : undefined}
          aria-label={t("palette.title")}
          placeholder={t("palette.placeholder")}
          autoComplete="off"
          spellCheck={false}
          maxLength={500}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setPointed(null);
          }}
          onKeyDown={onKeyDown}
          className="h-13 min-w-0 flex-1 bg-transparent text-base text-text outline-none"
        />
        {asked && !settled && !isError && <Spinner />}
      </div>
      <div
        id={`${base}-list`}
        role="listbox"
        aria-label={t("palette.results")}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-1.5"
      >
        {sections.map((section) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
          <div
            key={section.name}
            role="group"
            aria-label={t(`palette.${section.name}`)}
            className="mb-1"
          >
            <div aria-hidden="true" className="px-2.5 pt-2 pb-1 text-xs text-text-3">
              {t(`palette.${section.name}`)}
            </div>
            {section.entries.map((entry) => (
              <PaletteRow
                key={entry.id}
                id={rowId(entry)}
                entry={entry}
                active={entry === active}
                onPoint={() => setPointed(entry.id)}
                onChoose={() => choose(entry)}
              />
            ))}
          </div>
        ))}
        {asked && hasNextPage && (
          <EndSentinel busy={isFetchingNextPage} onReach={() => void fetchNextPage()} />
        )}
      </div>
      <p
        aria-live="polite"
        className={
          flat.length > 0 ? "sr-only" : "break-words px-6 pb-8 text-center text-sm text-text-2"
        }
      >
        {isError
          ? errorText(error)
          : !asked || !settled
            ? ""
            : hits.length > 0
              ? t("palette.found", { count: hits.length })
              : t("palette.nothing", { query: query.trim() })}
      </p>
    </>
  );
}
