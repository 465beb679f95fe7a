import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { ColumnsIcon, PlayIcon, RetryIcon } from "@/components/ui/icons";
import { Menu, MenuItem } from "@/components/ui/menu";
import { AnswerActions } from "@/features/chat/components/answer-actions";
import { BranchNav } from "@/features/chat/components/branch-nav";
import { Failure } from "@/features/chat/components/failure";
import { MessageMeta } from "@/features/chat/components/message-meta";
import { Reasoning } from "@/features/chat/components/reasoning";
import { endNote } from "@/features/chat/end-note";
import { Markdown } from "@/features/chat/markdown/markdown";
import { MarkdownBoundary } from "@/features/chat/markdown/markdown-boundary";
import type { MessageActions } from "@/features/chat/message-actions";

export interface AssistantMessageProps {
  message: MessageInfo;
  /** The last message this text consists of. */
  lastId: string;
  modelName: string | null;
  /** The last of the chat, with nothing being written behind it. */
  last: boolean;
  actions: MessageActions;
}

/** An answer that might have become longer can be gone on with. */
function canGoOn(message: MessageInfo): boolean {
  if (message.content.trim() === "") return false;
  const { status } = message;
  return (
    status === "stopped" ||
    status === "interrupted" ||
    (status === "complete" && message.finishReason === "length")
  );
}

export const AssistantMessage = memo(function AssistantMessage({
  message,
  lastId,
  modelName,
  last,
  actions,
}: AssistantMessageProps) {
  const { t } = useTranslation();
  const growing = message.status === "generating";
  const note = endNote(t, message);
  return (
    <article
      data-message={message.id}
      aria-label={t("chat.assistant")}
      aria-busy={growing || undefined}
      className="group/answer"
    >
      <AnswerText message={message} />
      {note && (
        <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-text-3">
          <p>{note}</p>
          {last && canGoOn(message) && (
            <Button size="sm" onClick={() => actions.goOn(lastId)}>
              <PlayIcon />
              {t("chat.goOn")}
            </Button>
          )}
        </div>
      )}
      {message.status === "failed" && (
        <Failure
          error={message.errorCode ?? "UPSTREAM_ERROR"}
          retryLabel={t("chat.askAgain")}
          onRetry={last ? () => actions.regenerate(message) : undefined}
          onChooseModel={() => (last ? actions.regenerateWith(message) : actions.chooseModel())}
        />
      )}
      {!growing && (
        <AnswerActions
          text={message.content}
          last={last || message.siblingIds.length > 1}
          meta={<MessageMeta message={message} modelName={modelName} />}
        >
          {/* What failed last says itself how to go on. */}
          {!(last && message.status === "failed") && (
            <Regenerate message={message} actions={actions} />
          )}
          <BranchNav
            id={message.id}
            siblingIds={message.siblingIds}
            onChoose={actions.chooseBranch}
          />
        </AnswerActions>
      )}
    </article>
  );
});

/** Reasoning, then the answer; or that there is nothing of either yet. */
export function AnswerText({ message }: { message: MessageInfo }): ReactNode {
  const growing = message.status === "generating";
  const empty = message.content === "";
  return (
    <>
      {message.reasoning && (
        <Reasoning
          text={message.reasoning}
          running={growing && empty}
          seconds={message.reasoningSeconds ?? null}
        />
      )}
      {growing && empty && !message.reasoning && <Thinking />}
      <MarkdownBoundary text={message.content} growing={growing}>
        <Markdown text={message.content} growing={growing} />
      </MarkdownBoundary>
    </>
  );
}

function Regenerate({ message, actions }: { message: MessageInfo; actions: MessageActions }) {
  const { t } = useTranslation();
  return (
    <Menu
      trigger={
        <IconButton label={t("chat.regenerate")} data-needs-idle>
          <RetryIcon />
        </IconButton>
      }
    >
      <MenuItem icon={<RetryIcon />} onSelect={() => actions.regenerate(message)}>
        {t("chat.regenerateSame")}
      </MenuItem>
      <MenuItem icon={<ColumnsIcon />} onSelect={() => actions.regenerateWith(message)}>
        {t("chat.regenerateWith")}
      </MenuItem>
    </Menu>
  );
}

/** Shown from the moment of sending until the first word; the announcer says it. */
export function Thinking() {
  const { t } = useTranslation();
  return (
    <div className="animate-appear flex h-7 items-center gap-2.5 text-text-3">
      <span className="animate-breathe size-2.5 rounded-full bg-accent" />
      <span className="text-base">{t("chat.thinking")}</span>
    </div>
  );
}
