import { lazy, Suspense, useCallback, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { EndSentinel } from "@/components/ui/end-sentinel";
import { IconButton } from "@/components/ui/icon-button";
import { ArrowDownIcon } from "@/components/ui/icons";
import { Thinking } from "@/features/chat/components/assistant-message";
import { Failure } from "@/features/chat/components/failure";
import { Messages, Parts } from "@/features/chat/components/message-row";
import type { MessageActions } from "@/features/chat/message-actions";
import { useRowSizes } from "@/features/chat/row-sizes";
import { continued, storedBeside, toRows, turnRows } from "@/features/chat/rows";
import { isBusy, type Turn } from "@/features/chat/stream/turn";
import { useFollowEnd } from "@/features/chat/use-follow-end";
import { rowOf, useJump } from "@/features/chat/use-jump";
import { useKeepPlace } from "@/features/chat/use-keep-place";
import { useLasting } from "@/features/chat/use-lasting";
import { useFormerPlace, useNotedPlace, useReturn } from "@/features/chat/use-place";
import { type Beyond, useShownRows } from "@/features/chat/use-shown-rows";
import { useWantedJump } from "@/lib/jump";

const Comparison = lazy(() => import("@/features/chat/components/comparison"));

export interface ConversationProps {
  chatId: string;
  messages: MessageInfo[];
  /** Answers that were just compared; one of them is the last message. */
  compared: MessageInfo[] | undefined;
  turn: Turn | null;
  older: Beyond;
  /** More messages than these, towards the end; where there are any, the turn is not among them. */
  newer: Beyond;
  /** Goes back from these messages to those at the end of the chat. */
  onLeave: () => void;
  nameOf: (model: string | null) => string | null;
  actions: MessageActions;
  onRetry: () => void;
  /** Gives up what could not be sent. */
  onTakeBack: () => void;
}

export function Conversation(props: ConversationProps) {
  const { chatId, messages, compared, turn, older, newer, onLeave, nameOf, actions } = props;
  const { t } = useTranslation();
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
  const lasting = useLasting(chatId, rows, newer.has);
  const joined = answer && sent === null ? continued(rows.at(-1), answer) : null;
  const end = joined || (compared && !running) ? rows.length - 1 : rows.length;
  const until = Math.min(lasting, end);
  const stored = useMemo(() => rows.slice(0, until), [rows, until]);
  const jump = useWantedJump(chatId);
  const former = useFormerPlace(chatId);
  const toSee = jump?.messageId ?? former.place?.rowId;
  const wanted = toSee === undefined ? -1 : rowOf(rows, messages, toSee);
  const shown = useShownRows(chatId, stored, Math.min(wanted, until - 1), older, newer);
  const { parts, atEnd } = shown;
  const showEnd = useCallback(() => {
    onLeave();
    shown.showEnd();
  }, [onLeave, shown.showEnd]);
  const { away, toEnd } = useFollowEnd(area, chatId, atEnd, showEnd, wanted !== -1);
  useKeepPlace(area, parts[0]?.[0]?.message.id);
  useRowSizes(area);
  useReturn(area, former);
  useNotedPlace(area, chatId, away);
  useJump(area, jump, rows[wanted]?.message.id);
  useSendScrolls(turn, toEnd);

  const comparing = turn !== null && turn.lanes.length > 0;
  const showsCompared = comparing || (compared !== undefined && !running);
  const since = rows.slice(until, end);
  if (sent) since.push({ message: sent, lastId: sent.id });
  const grown = joined ?? answer;
  if (grown && !comparing) since.push({ message: grown, lastId: grown.id });
  // The growing answer is the last one too: it keeps its place when it ends.
  const ends = !showsCompared && (!running || grown !== null);

  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={area}
        aria-label={t("chat.conversation")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable
        tabIndex={0}
        data-busy={isBusy(turn) || undefined}
        className="conversation @container h-full overflow-y-auto overscroll-contain -outline-offset-2 [overflow-anchor:none] [scrollbar-gutter:stable_both-edges] fade-edges"
      >
        <div className="mx-auto w-full max-w-184 px-4 pt-6 pb-3 sm:px-6">
          {shown.more && <EndSentinel busy={shown.busy} onReach={shown.showOlder} />}
          <Parts
            parts={parts}
            last={atEnd && ends && since.length === 0}
            nameOf={nameOf}
            actions={actions}
          />
          {atEnd ? (
            <>
              <Messages
                rows={since}
                last={ends}
                freshId={turn?.phase === "sending" ? sent?.id : null}
                nameOf={nameOf}
                actions={actions}
              />
              {showsCompared && (
                <Suspense fallback={<Thinking />}>
                  <Comparison
                    turn={turn}
                    compared={compared}
                    chosenId={rows.at(-1)?.message.id}
                    nameOf={nameOf}
                    onChoose={actions.keepAnswer}
                  />
                </Suspense>
              )}
              {turn && <TurnState {...props} turn={turn} answering={answer !== null} />}
            </>
          ) : (
            <EndSentinel busy={shown.busyNewer} onReach={shown.showNewer} />
          )}
        </div>
      </section>
      {away && <ToEnd drawn={atEnd} onClick={() => toEnd("smooth")} />}
    </div>
  );
}

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

function ToEnd({ drawn, onClick }: { drawn: boolean; onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <IconButton
      label={t("chat.toEnd")}
      data-way-to-end={drawn ? undefined : ""}
      onClick={onClick}
      className="animate-appear absolute bottom-3 left-1/2 size-9 -translate-x-1/2 rounded-full! border border-line bg-raised shadow-raised hover:not-disabled:bg-raised"
    >
      <ArrowDownIcon />
    </IconButton>
  );
}
