import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/components/ui/copy-button";
import { cn } from "@/lib/cn";

/** Longer texts are folded: one comes back for the answer, not for what one has pasted. */
const LONG = { characters: 1400, lines: 16 };

function isLong(text: string): boolean {
  return text.length > LONG.characters || text.split("\n", LONG.lines + 1).length > LONG.lines;
}

/** What the user wrote, exactly as written. */
export const UserMessage = memo(function UserMessage({
  id,
  text,
  fresh = false,
}: {
  id: string;
  text: string;
  fresh?: boolean;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const long = isLong(text);
  return (
    <article
      data-message={id}
      aria-label={t("chat.you")}
      className={cn("group/question flex flex-col items-end", fresh && "animate-rise")}
    >
      <div className="max-w-[min(34rem,88%)] rounded-xl rounded-br-sm bg-bubble px-4 py-2.5 text-[1rem] leading-6">
        <div
          dir="auto"
          className={cn(
            "whitespace-pre-wrap wrap-anywhere",
            long && !open && "fade-end max-h-54 overflow-hidden",
          )}
        >
          {text}
        </div>
        {long && (
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            className="mt-1.5 h-7 rounded-sm text-sm font-medium text-text-2 hover:text-text pointer-coarse:h-10"
          >
            {t(open ? "chat.showLess" : "chat.showAll")}
          </button>
        )}
      </div>
      <div className="-mb-6 flex h-8 items-center opacity-0 transition-opacity duration-150 focus-within:opacity-100 group-hover/question:opacity-100 pointer-coarse:-mb-4 pointer-coarse:h-10 pointer-coarse:opacity-100">
        <CopyButton text={text} label={t("chat.copyQuestion")} />
      </div>
    </article>
  );
});
