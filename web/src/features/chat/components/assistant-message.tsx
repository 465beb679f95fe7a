import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { CopyButton } from "@/components/ui/copy-button";
import { Reasoning } from "@/features/chat/components/reasoning";
import { Markdown } from "@/features/chat/markdown/markdown";
import { MarkdownBoundary } from "@/features/chat/markdown/markdown-boundary";
import { cn } from "@/lib/cn";

export interface AssistantMessageProps {
  message: MessageInfo;
  modelName: string | null;
  last: boolean;
  /** Seconds of reasoning, when this page saw them pass. */
  thoughtFor?: number | null;
  /** What went wrong and the ways on. */
  notice?: ReactNode;
}

/** Why the text may be shorter than it wanted to be. */
function useEndNote(message: MessageInfo): string | null {
  const { t } = useTranslation();
  if (message.status === "stopped") return t("chat.stopped");
  if (message.status === "interrupted") return t("chat.interrupted");
  if (message.status !== "complete") return null;
  if (message.finishReason === "length") return t("chat.lengthReached");
  return message.content.trim() === "" ? t("chat.emptyAnswer") : null;
}

export const AssistantMessage = memo(function AssistantMessage({
  message,
  modelName,
  last,
  thoughtFor = null,
  notice,
}: AssistantMessageProps) {
  const { t } = useTranslation();
  const growing = message.status === "generating";
  const note = useEndNote(message);
  return (
    <article
      data-message={message.id}
      aria-label={t("chat.assistant")}
      aria-busy={growing || undefined}
      className="group/answer"
    >
      {message.reasoning && (
        <Reasoning
          text={message.reasoning}
          running={growing && message.content === ""}
          seconds={thoughtFor}
        />
      )}
      {growing && message.content === "" && !message.reasoning && <Thinking />}
      <MarkdownBoundary text={message.content} growing={growing}>
        <Markdown text={message.content} growing={growing} />
      </MarkdownBoundary>
      {note && <p className="mt-3 text-sm text-text-3">{note}</p>}
      {notice}
      {!growing && message.content !== "" && (
        <div
          className={cn(
            "-mb-3 -ml-2 mt-1 flex h-8 items-center gap-1 text-xs text-text-3 transition-opacity duration-150 pointer-coarse:h-10",
            !last &&
              "opacity-0 focus-within:opacity-100 group-hover/answer:opacity-100 pointer-coarse:opacity-100",
          )}
        >
          <CopyButton text={message.content} label={t("chat.copyMessage")} />
          {modelName && <span className="truncate">{modelName}</span>}
        </div>
      )}
    </article>
  );
});

/** Shown from the moment of sending until the first word. */
export function Thinking() {
  const { t } = useTranslation();
  return (
    <div role="status" className="animate-appear flex h-7 items-center gap-2.5 text-text-3">
      <span className="animate-breathe size-2.5 rounded-full bg-accent" />
      <span className="text-base">{t("chat.thinking")}</span>
    </div>
  );
}
