import { lazy, memo, Suspense, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { EndSentinel } from "@/components/ui/end-sentinel";
import { IconButton } from "@/components/ui/icon-button";
import { ArrowDownIcon } from "@/components/ui/icons";
import { AssistantMessage, Thinking } from "@/features/chat/components/assistant-message";
import { Failure } from "@/features/chat/components/failure";
import { UserMessage } from "@/features/chat/components/user-message";
import type { MessageActions } from "@/features/chat/message-actions";
import { continued, type Row, storedBeside, toRows, turnRows } from "@/features/chat/rows";
import { rememberedThought, thoughtSeconds } from "@/features/chat/stream/thoughts";
import type { Turn } from "@/features/chat/stream/turn";
import { useFollowEnd } from "@/features/chat/use-follow-end";
import { useKeepPlace } from "@/features/chat/use-keep-place";

const Comparison = lazy(() => import("@/features/chat/components/comparison"));

export interface ConversationProps {
  chatId: string;
  messages: MessageInfo[];
  /** Answers that were just compared; one of them is the last message. */
  compared: MessageInfo[] | undefined;
  turn: Turn | null;
  older: { has: boolean; busy: boolean; load: () => void };
  nameOf: (model: string | null) => string | null;
  actions: MessageActions;
  onRetry: () => void;
  /** Gives up what could not be sent. */
  onTakeBack: () => void;
}

export function Conversation(props: ConversationProps) {
  const { chatId, messages, compared, turn, older, nameOf, actions } = props;
  const area = useRef<HTMLDivElement>(null);
  // Only these decide what of the stored messages is seen; frames that arrive do not.
  const answerId = turn?.answer.messageId;
  const questionId = turn?.answer.userMessageId;
  const after = turn?.after;
  const running = turn !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const rows = useMemo(
    () => toRows(storedBeside(messages, turn)),
    [messages, running, after, answerId, questionId],
  );
  const { sent, answer } = turnRows(messages, turn);
  const { away, toEnd } = useFollowEnd(area, chatId);
  useKeepPlace(area, rows[0]?.message.id);
  useSendScrolls(turn, toEnd);

  const busy = turn !== null && turn.phase !== "failed";
  const lastRow = rows.at(-1);
  const joined = answer && sent === null ? continued(lastRow, answer) : null;
  const comparing = turn !== null && turn.lanes.length > 0;
  const stored = joined || (compared && !running) ? rows.slice(0, -1) : rows;
  const grown = joined ?? answer;
  const shown = grown && comparing ? null : grown;

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={area}
        className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] [scrollbar-gutter:stable_both-edges] fade-edges"
      >
        <div className="mx-auto flex w-full max-w-184 flex-col gap-(--gap-messages) px-4 pt-6 pb-10 sm:px-6">
          {older.has && <EndSentinel busy={older.busy} onReach={older.load} />}
          <StoredRows
            rows={stored}
            last={!running && !compared}
            busy={busy}
            nameOf={nameOf}
            actions={actions}
          />
          {sent && (
            <UserMessage
              key={sent.id}
              message={sent}
              fresh={turn?.phase === "sending"}
              busy={busy}
              actions={actions}
            />
          )}
          {shown && (
            <AssistantMessage
              key={shown.id}
              message={shown}
              lastId={shown.id}
              modelName={nameOf(shown.model)}
              last
              busy={busy}
              actions={actions}
              thoughtFor={turn && thoughtSeconds(turn)}
            />
          )}
          {(comparing || (compared && !running)) && (
            <Suspense fallback={<Thinking />}>
              <Comparison
                turn={turn}
                compared={compared}
                chosenId={lastRow?.message.id}
                nameOf={nameOf}
                onChoose={actions.keepAnswer}
              />
            </Suspense>
          )}
          {turn && <TurnState {...props} turn={turn} answering={answer !== null} />}
        </div>
      </div>
      {away && <ToEnd onClick={() => toEnd("smooth")} />}
    </div>
  );
}

/** What is stored. Drawn again only when it changes, not with every piece of a growing answer. */
const StoredRows = memo(function StoredRows({
  rows,
  last,
  busy,
  nameOf,
  actions,
}: {
  rows: Row[];
  /** The last of these rows is the last of the chat. */
  last: boolean;
  busy: boolean;
  nameOf: ConversationProps["nameOf"];
  actions: MessageActions;
}) {
  return rows.map(({ message, lastId }, at) =>
    message.role === "user" ? (
      <UserMessage key={message.id} message={message} busy={busy} actions={actions} />
    ) : (
      <AssistantMessage
        key={message.id}
        message={message}
        lastId={lastId}
        modelName={nameOf(message.model)}
        last={last && at === rows.length - 1}
        busy={busy}
        actions={actions}
        thoughtFor={rememberedThought(message.id)}
      />
    ),
  );
});

/** Whoever sends wants to see the answer, wherever they had scrolled to. */
function useSendScrolls(turn: Turn | null, toEnd: () => void) {
  const sentId = turn?.request?.clientMessageId;
  useEffect(() => {
    if (sentId !== undefined) toEnd();
  }, [sentId, toEnd]);
}

function TurnState({
  turn,
  answering,
  onRetry,
  onTakeBack,
  actions,
}: ConversationProps & { turn: Turn; answering: boolean }) {
  const { t } = useTranslation();
  if (turn.phase === "failed" && turn.error) {
    return (
      <Failure
        error={turn.error}
        onRetry={onRetry}
        onEdit={turn.request?.kind === "message" && !answering ? onTakeBack : undefined}
        onDismiss={turn.request?.kind !== "message" ? onTakeBack : undefined}
        onChooseModel={actions.chooseModel}
        onUpgrade={actions.upgrade}
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
