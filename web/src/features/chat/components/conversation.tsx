import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { EndSentinel } from "@/components/ui/end-sentinel";
import { IconButton } from "@/components/ui/icon-button";
import { ArrowDownIcon } from "@/components/ui/icons";
import { AssistantMessage, Thinking } from "@/features/chat/components/assistant-message";
import { Failure } from "@/features/chat/components/failure";
import { UserMessage } from "@/features/chat/components/user-message";
import { joinRows } from "@/features/chat/rows";
import { rememberedThought, thoughtSeconds } from "@/features/chat/stream/thoughts";
import type { Turn } from "@/features/chat/stream/turn";
import { useFollowEnd } from "@/features/chat/use-follow-end";
import { useKeepPlace } from "@/features/chat/use-keep-place";

export interface ConversationProps {
  chatId: string;
  messages: MessageInfo[];
  turn: Turn | null;
  older: { has: boolean; busy: boolean; load: () => void };
  nameOf: (model: string | null) => string | null;
  onRetry: () => void;
  onAskAgain: (text: string) => void;
  onEdit: () => void;
  onChooseModel: () => void;
}

export function Conversation(props: ConversationProps) {
  const { chatId, messages, turn, older, nameOf } = props;
  const { t } = useTranslation();
  const area = useRef<HTMLDivElement>(null);
  const { stored, sent, answer } = joinRows(chatId, messages, turn);
  const { away, toEnd } = useFollowEnd(area, chatId);
  useKeepPlace(area, stored[0]?.id);
  useSendScrolls(turn, toEnd);
  const lastStored = turn === null ? stored.at(-1) : undefined;
  const question = stored.findLast((message) => message.role === "user")?.content;

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={area}
        className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] [scrollbar-gutter:stable_both-edges] fade-edges"
      >
        <div className="mx-auto flex w-full max-w-184 flex-col gap-7 px-4 pt-6 pb-10 sm:px-6">
          {older.has && <EndSentinel busy={older.busy} onReach={older.load} />}
          {stored.map((message) =>
            message.role === "user" ? (
              <UserMessage key={message.id} id={message.id} text={message.content} />
            ) : (
              <AssistantMessage
                key={message.id}
                message={message}
                modelName={nameOf(message.model)}
                last={message === lastStored}
                thoughtFor={rememberedThought(message.id)}
                notice={
                  message.status === "failed" && (
                    <Failure
                      error={message.errorCode ?? "UPSTREAM_ERROR"}
                      retryLabel={t("chat.askAgain")}
                      onRetry={
                        message === lastStored && question !== undefined
                          ? () => props.onAskAgain(question)
                          : undefined
                      }
                      onChooseModel={props.onChooseModel}
                    />
                  )
                }
              />
            ),
          )}
          {sent && (
            <UserMessage
              key={sent.id}
              id={sent.id}
              text={sent.content}
              fresh={turn?.phase === "sending"}
            />
          )}
          {answer && (
            <AssistantMessage
              key={answer.id}
              message={answer}
              modelName={nameOf(answer.model)}
              last
              thoughtFor={turn && thoughtSeconds(turn)}
            />
          )}
          {turn && <TurnState {...props} turn={turn} answering={answer !== null} />}
        </div>
      </div>
      {away && <ToEnd onClick={() => toEnd("smooth")} />}
    </div>
  );
}

/** Whoever sends wants to see the answer, wherever they had scrolled to. */
function useSendScrolls(turn: Turn | null, toEnd: () => void) {
  const sentId = turn?.sent?.clientMessageId;
  useEffect(() => {
    if (sentId !== undefined) toEnd();
  }, [sentId, toEnd]);
}

function TurnState({
  turn,
  answering,
  onRetry,
  onEdit,
  onChooseModel,
}: ConversationProps & { turn: Turn; answering: boolean }) {
  const { t } = useTranslation();
  if (turn.phase === "failed" && turn.error) {
    return (
      <Failure
        error={turn.error}
        onRetry={onRetry}
        onEdit={turn.sent && !answering ? onEdit : undefined}
        onChooseModel={onChooseModel}
      />
    );
  }
  if (turn.phase === "reconnecting") {
    return (
      <p role="status" className="animate-appear flex items-center gap-2.5 text-sm text-warn">
        <span className="animate-breathe size-2 rounded-full bg-warn" />
        {t("chat.connecting")}
      </p>
    );
  }
  return answering ? null : <Thinking />;
}

function ToEnd({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <IconButton
      label={t("chat.toEnd")}
      onClick={onClick}
      className="animate-appear absolute bottom-3 left-1/2 size-9 -translate-x-1/2 rounded-full! border border-line bg-raised shadow-raised hover:not-disabled:bg-raised"
    >
      <ArrowDownIcon />
    </IconButton>
  );
}
