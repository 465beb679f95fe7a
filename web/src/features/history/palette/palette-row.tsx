import { useTranslation } from "react-i18next";
import type { SearchHit, Segment } from "@/client/types.gen";
import { ArchiveIcon, ChatIcon, TextIcon } from "@/components/ui/icons";
import type { Entry } from "@/features/history/palette/entries";
import { chatTitle } from "@/lib/chat-title";
import { MOD } from "@/lib/shortcuts";

export function PaletteRow({
  id,
  entry,
  active,
  onPoint,
  onChoose,
}: {
  id: string;
  entry: Entry;
  active: boolean;
  onPoint: () => void;
  onChoose: () => void;
}) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which has the focus
    // biome-ignore lint/a11y/useFocusableInteractive: an active descendant does not take the focus
    <div
      id={id}
      role="option"
      aria-selected={active}
      onMouseMove={onPoint}
      onClick={onChoose}
      className={`flex min-h-10 cursor-default items-start gap-3 rounded-md px-2.5 py-2 text-sm pointer-coarse:min-h-11 ${active ? "bg-hover" : ""}`}
    >
      <Content entry={entry} />
    </div>
  );
}

function Content({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  if (entry.kind === "action") {
    return (
      <>
        <Mark>{entry.action.icon}</Mark>
        <span className="min-w-0 flex-1 truncate leading-6">{entry.action.label}</span>
        {entry.action.keys && (
          <kbd className="hidden font-sans text-xs leading-6 text-text-3 sm:block">
            {entry.action.keys
              .map((key) => (key === "mod" ? MOD : key === "shift" ? "Shift" : key))
              .join(" + ")}
          </kbd>
        )}
      </>
    );
  }
  if (entry.kind === "chat") {
    return (
      <>
        <Mark>
          <ChatIcon />
        </Mark>
        <span dir="auto" className="min-w-0 flex-1 truncate leading-6">
          {chatTitle(t, entry.chat.title)}
        </span>
        <When moment={entry.chat.updatedAt} />
      </>
    );
  }
  return <Hit hit={entry.hit} />;
}

function Hit({ hit }: { hit: SearchHit }) {
  const { t } = useTranslation();
  return (
    <>
      <Mark>{hit.kind === "chat" ? <ChatIcon /> : <TextIcon />}</Mark>
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span
            dir="auto"
            className={`min-w-0 truncate leading-6 ${hit.kind === "chat" ? "" : "text-xs text-text-2"}`}
          >
            <Segments segments={hit.title} />
          </span>
          {hit.role !== null && (
            <span className="shrink-0 text-xs text-text-3">
              {t(hit.role === "user" ? "palette.you" : "palette.answer")}
            </span>
          )}
        </span>
        {hit.snippet && (
          <span dir="auto" className="line-clamp-2 break-words leading-normal">
            <Segments segments={hit.snippet} />
          </span>
        )}
      </span>
      {hit.archived && (
        <span
          role="img"
          aria-label={t("archive.title")}
          className="flex h-6 items-center text-text-3"
        >
          <ArchiveIcon />
        </span>
      )}
      <When moment={hit.createdAt} />
    </>
  );
}

function Segments({ segments }: { segments: Segment[] }) {
  return segments.map((segment, at) =>
    segment.match ? (
      <mark key={at} className="rounded-xs bg-accent-soft text-accent-text">
        {segment.text}
      </mark>
    ) : (
      segment.text
    ),
  );
}

function Mark({ children }: { children: React.ReactNode }) {
  return (
    <span aria-hidden="true" className="flex h-6 items-center text-text-3">
      {children}
    </span>
  );
}

/** The day, with the year where it is another. */
function When({ moment }: { moment: string }) {
  const { i18n } = useTranslation();
  const then = new Date(moment);
  const year = then.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return (
    <time dateTime={moment} className="shrink-0 text-xs leading-6 text-text-3">
      {then.toLocaleDateString(i18n.language, { day: "numeric", month: "short", year })}
    </time>
  );
}
