import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { AnswerActions } from "@/features/chat/components/answer-actions";
import { MessageMeta } from "@/features/chat/components/message-meta";
import { Reasoning } from "@/features/chat/components/reasoning";
import { Markdown } from "@/features/chat/markdown/markdown";
import { MarkdownBoundary } from "@/features/chat/markdown/markdown-boundary";

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
      {!growing && (
        <AnswerActions
          text={message.content}
          last={last}
          meta={<MessageMeta message={message} modelName={modelName} />}
        />
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
