import { lazy, memo, type RefCallback, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { CopyButton } from "@/components/ui/copy-button";
import { IconButton } from "@/components/ui/icon-button";
import { PenIcon } from "@/components/ui/icons";
import { BranchNav } from "@/features/chat/components/branch-nav";
import { EditForm } from "@/features/chat/components/edit-form";
import type { MessageActions } from "@/features/chat/message-actions";
import { withTexts } from "@/i18n/i18n";
import { cn } from "@/lib/cn";

const AttachmentList = lazy(() =>
  withTexts("files", import("@/features/chat/attachments/attachment-list")),
);

/** Longer texts are folded: one comes back for the answer, not for what one has pasted. */
const LONG = { characters: 1400, lines: 16, shown: 3000 };

function isLong(text: string): boolean {
  return text.length > LONG.characters || text.split("\n", LONG.lines + 1).length > LONG.lines;
}

/** What the user wrote, exactly as written. */
export const UserMessage = memo(function UserMessage({
  message,
  fresh = false,
  actions,
}: {
  message: MessageInfo;
  fresh?: boolean;
  actions: MessageActions;
}) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const given = useRef(false);
  /** Whoever gives up editing is back at the button it began with. */
  const takeFocusBack: RefCallback<HTMLButtonElement> = (button) => {
    if (button === null || !given.current) return;
    given.current = false;
    button.focus();
  };
  const { id, content: text, siblingIds, attachments } = message;
  if (editing) {
    return (
      <article data-message={id} aria-label={t("chat.you")}>
        <EditForm
          text={text}
          mayBeEmpty={attachments.length > 0}
          onCancel={() => {
            given.current = true;
            setEditing(false);
          }}
          onSend={(next) => {
            if (actions.edit(message, next)) setEditing(false);
          }}
        />
      </article>
    );
  }
  return (
    <article
      data-message={id}
      aria-label={t("chat.you")}
      className={cn("group/question flex flex-col items-end", fresh && "animate-rise")}
    >
      {attachments.length > 0 && (
        <Suspense>
          <AttachmentList files={attachments} />
        </Suspense>
      )}
      {text !== "" && <Bubble text={text} />}
      <div
        className={cn(
          "-mb-[min(1.5rem,var(--gap-messages))] flex h-8 items-center transition-opacity duration-150 focus-within:opacity-100 group-hover/question:opacity-100 pointer-coarse:-mb-4 pointer-coarse:h-10 pointer-coarse:opacity-100",
          siblingIds.length < 2 && "opacity-0",
        )}
      >
        <CopyButton text={text} label={t("chat.copyQuestion")} />
        <IconButton
          ref={takeFocusBack}
          data-edit-question
          data-needs-idle
          label={t("chat.editQuestion")}
          onClick={() => actions.mayBegin() && setEditing(true)}
        >
          <PenIcon />
        </IconButton>
        <BranchNav id={id} siblingIds={siblingIds} onChoose={actions.chooseBranch} />
      </div>
    </article>
  );
});

export function Bubble({ text }: { text: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const long = isLong(text);
  const folded = long && !open;
  return (
    <div className="max-w-[min(34rem,88%)] rounded-xl rounded-br-sm bg-bubble px-4 py-2.5 text-[1rem] leading-6">
      <div
        dir="auto"
        className={cn(
          "whitespace-pre-wrap wrap-anywhere",
          folded && "fade-end max-h-54 overflow-hidden",
        )}
      >
        {folded ? text.slice(0, LONG.shown) : text}
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
  );
}
