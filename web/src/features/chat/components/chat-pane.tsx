import { type ReactNode, useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { Announcer } from "@/features/chat/components/announcer";
import { Composer } from "@/features/chat/components/composer";
import { Conversation } from "@/features/chat/components/conversation";
import { Examples, Greeting } from "@/features/chat/components/greeting";
import { OfflineNote } from "@/features/chat/components/offline-note";
import { ConversationSkeleton } from "@/features/chat/components/skeleton";
import { readDraft } from "@/features/chat/drafts";
import type { MessageActions } from "@/features/chat/message-actions";
import { toRows } from "@/features/chat/rows";
import {
  continueAnswer,
  editMessage,
  regenerate,
  retryTurn,
  sendFirstMessage,
  sendMessage,
  stopTurn,
  takeBack,
} from "@/features/chat/stream/actions";
import { NEW_CHAT } from "@/features/chat/stream/turn";
import { getTurn, useTurn } from "@/features/chat/stream/turn-store";
import type { useChat } from "@/features/chat/use-chat";
import { useDraft } from "@/features/chat/use-draft";
import { useErrorText } from "@/i18n/use-error-text";
import { chooseBranch } from "@/lib/api/chats";
import type { ApiError } from "@/lib/api/errors";
import { putCachedThread } from "@/lib/chat-cache";
import { cn } from "@/lib/cn";
import { copyText } from "@/lib/copy-text";
import { useShortcut } from "@/lib/shortcuts";
import { showToast } from "@/lib/toasts";
import { uuid } from "@/lib/uuid";

export interface ChatPaneProps {
  chatId: string | undefined;
  chat: ReturnType<typeof useChat>;
  /** The model a new chat is created with; null when there is none to choose. */
  pickModel: () => Promise<string | null>;
  demo: boolean;
  userName: string | null;
  nameOf: (model: string | null) => string | null;
  picker: ReactNode;
  /** Two or three models whose answers are to be compared; null for one answer. */
  compareModels: string[] | null;
  /** One of the compared answers was chosen. */
  onCompared: () => void;
  onChooseModel: () => void;
  /** Lets the reader pick the model that answers this question anew. */
  onRegenerateWith: (answer: MessageInfo) => void;
  onCreated: (chatId: string) => void;
  /** The way to a plan that would have allowed it; undefined on the best one. */
  onUpgrade?: (error: ApiError) => void;
}

/** The conversation and the composer; without a chat, the greeting a first message turns into one. */
export function ChatPane(props: ChatPaneProps) {
  const { chatId, chat, pickModel, onCreated, compareModels } = props;
  const { onChooseModel, onRegenerateWith, onCompared, onUpgrade } = props;
  const { t } = useTranslation();
  const errorText = useErrorText();
  const key = chatId ?? NEW_CHAT;
  const turn = useTurn(key);
  const { draft, setText, clearField } = useDraft(key);
  const { messages } = chat;
  const empty = chatId === undefined && turn === null;
  const busy = turn !== null && turn.phase !== "failed";

  const lastId = messages.at(-1)?.id ?? null;
  const send = useCallback(
    (content: string, clientMessageId: string | null) => {
      const message = {
        content,
        clientMessageId: clientMessageId ?? uuid(),
        ...(compareModels && { models: compareModels }),
      };
      if (chatId !== undefined) sendMessage(chatId, message, lastId);
      else void sendFirstMessage(message, pickModel, onCreated);
    },
    [chatId, pickModel, onCreated, lastId, compareModels],
  );

  const choose = useCallback(
    (messageId: string) => {
      chooseBranch(key, messageId).then(putCachedThread, (error: unknown) =>
        showToast(errorText(error)),
      );
    },
    [key, errorText],
  );
  const upgrade = useCallback(
    (error: ApiError) => {
      // A text in the composer survives the way to the payment page; one in an edited question would not.
      const request = getTurn(key)?.request;
      if (request?.kind === "edit" && readDraft(key).text.trim() === "") setText(request.content);
      onUpgrade?.(error);
    },
    [key, onUpgrade, setText],
  );
  const actions = useMemo<MessageActions>(
    () => ({
      regenerate: (answer) => {
        focusComposer();
        regenerate(key, answer);
      },
      regenerateWith: onRegenerateWith,
      edit: (question, text) => {
        focusComposer();
        editMessage(key, question, text);
      },
      goOn: (last) => {
        focusComposer();
        continueAnswer(key, last);
      },
      chooseBranch: choose,
      keepAnswer: (messageId) => {
        onCompared();
        choose(messageId);
      },
      chooseModel: onChooseModel,
      upgrade: onUpgrade && upgrade,
    }),
    [key, choose, onCompared, onChooseModel, onRegenerateWith, onUpgrade, upgrade],
  );

  const stop = () => stopTurn(key).catch((error: unknown) => showToast(errorText(error)));
  useShortcut("stop", () => void stop(), busy);
  useShortcut("copyAnswer", () => {
    const answer = toRows(messages).findLast(({ message }) => message.role === "assistant");
    if (answer === undefined) return false;
    return copyText(answer.message.content).then(
      (done) => done && showToast(t("common.copied"), undefined, 1600),
    );
  });

  function onSend() {
    const content = draft.text;
    if (content.trim() === "") return;
    // A text that could not be sent gives way to this one and returns to the composer.
    const unsent = turn === null ? "" : takeBack(key);
    clearField();
    send(content, draft.clientMessageId);
    if (unsent !== "") setText(unsent);
  }

  function onRetry() {
    focusComposer();
    const failed = getTurn(key);
    if (chatId !== undefined) retryTurn(chatId);
    else if (failed?.request?.kind === "message") {
      send(failed.request.content, failed.request.clientMessageId);
    }
  }

  function onTakeBack() {
    const text = takeBack(key);
    if (text !== "") setText(draft.text.trim() === "" ? text : `${text}\n\n${draft.text}`);
    document.getElementById("composer")?.focus();
  }

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {empty ? (
        <div className="flex flex-1 flex-col justify-center pb-7 sm:flex-[0.85] sm:justify-end">
          <Greeting name={props.userName} />
        </div>
      ) : chatId !== undefined && chat.isPending ? (
        <ConversationSkeleton />
      ) : (
        <Conversation
          chatId={key}
          messages={messages}
          turn={turn}
          compared={chat.compared}
          older={chat.older}
          nameOf={props.nameOf}
          actions={actions}
          onRetry={onRetry}
          onTakeBack={onTakeBack}
        />
      )}
      <div
        key="composer"
        className={cn(
          "mx-auto w-full max-w-184 px-3 pad-safe-b [--pad:0.75rem] sm:px-6 sm:[--pad:1.25rem]",
          empty && "flex flex-col-reverse gap-4 sm:flex-col",
        )}
      >
        <div>
          <OfflineNote />
          <Composer
            text={draft.text}
            onText={setText}
            onSend={onSend}
            onStop={stop}
            generating={busy}
            stopping={turn?.stopping ?? false}
            placeholder={t(empty ? "chat.placeholder" : "chat.placeholderMore")}
            focusKey={key}
          >
            {props.picker}
          </Composer>
        </div>
        {empty && (
          <Examples
            demo={props.demo}
            onPick={(text) => {
              focusComposer();
              send(text, null);
            }}
          />
        )}
      </div>
      {empty && <div className="hidden flex-1 sm:block" />}
      <Announcer turn={turn} messages={messages} />
    </div>
  );
}

/** The button that was pressed is about to vanish; the focus must not vanish with it. */
function focusComposer() {
  const field = document.getElementById("composer");
  if (!window.matchMedia("(pointer: coarse)").matches) field?.focus();
}
