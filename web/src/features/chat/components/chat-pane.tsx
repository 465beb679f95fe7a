import { type ReactNode, useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { FileInfo, MessageInfo } from "@/client/types.gen";
import { useComposerFiles } from "@/features/chat/attachments/use-composer-files";
import { Announcer } from "@/features/chat/components/announcer";
import { Composer } from "@/features/chat/components/composer";
import { Conversation } from "@/features/chat/components/conversation";
import { Examples, Greeting } from "@/features/chat/components/greeting";
import { OfflineNote } from "@/features/chat/components/offline-note";
import { ConversationSkeleton } from "@/features/chat/components/skeleton";
import { focusComposer } from "@/features/chat/focus";
import { toRows } from "@/features/chat/rows";
import {
  retryTurn,
  sendFirstMessage,
  sendMessage,
  stopTurn,
  takeBack,
} from "@/features/chat/stream/actions";
import { isBusy, NEW_CHAT } from "@/features/chat/stream/turn";
import { getTurn } from "@/features/chat/stream/turn-store";
import type { useChat } from "@/features/chat/use-chat";
import { useDraft } from "@/features/chat/use-draft";
import { useMessageActions } from "@/features/chat/use-message-actions";
import { useSendSoon } from "@/features/chat/use-send-soon";
import { useErrorText } from "@/i18n/use-error-text";
import type { ApiError } from "@/lib/api/errors";
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
  /** One of the compared answers, by this model, was chosen. */
  onCompared: (kept: string | null) => void;
  /** The name of the model that would be asked, where it sees no images. */
  blind: string | null;
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
  const { t } = useTranslation();
  const errorText = useErrorText();
  const key = chatId ?? NEW_CHAT;
  const { draft, setText, clearField } = useDraft(key);
  const files = useComposerFiles(key, props.blind, props.onChooseModel);
  const { messages, turn } = chat;
  const empty = chatId === undefined && turn === null;
  const busy = isBusy(turn);

  const lastId = messages.at(-1)?.id ?? null;
  const send = useCallback(
    (content: string, clientMessageId: string | null, attached: FileInfo[]) => {
      const message = {
        content,
        files: attached,
        clientMessageId: clientMessageId ?? uuid(),
        ...(compareModels && { models: compareModels }),
      };
      if (chatId !== undefined) sendMessage(chatId, message, lastId);
      else void sendFirstMessage(message, pickModel, onCreated);
    },
    [chatId, pickModel, onCreated, lastId, compareModels],
  );

  const actions = useMessageActions(key, { ...props, setText });

  const stop = () => stopTurn(key).catch((error: unknown) => showToast(errorText(error)));
  useShortcut("stop", () => void stop(), busy);
  useShortcut("copyAnswer", () => {
    const answer = toRows(messages).findLast(({ message }) => message.role === "assistant");
    if (answer === undefined) return false;
    return copyText(answer.message.content).then(
      (done) => done && showToast(t("common.copied"), undefined, 1600),
    );
  });

  function sendNow() {
    const content = draft.text;
    if (content.trim() === "" && files.state !== "ready") return;
    // A text that could not be sent gives way to this one and returns to the composer.
    const attached = files.take();
    const unsent = turn === null ? null : takeBack(key);
    clearField();
    send(content, draft.clientMessageId, attached);
    if (unsent?.files.length) files.putBack(unsent.files);
    if (unsent?.text) setText(unsent.text);
  }

  const { waiting, onSend, dontSend } = useSendSoon(key, files.state, busy, sendNow);
  useShortcut("stop", dontSend, waiting);

  function onRetry() {
    focusComposer();
    const failed = getTurn(key);
    if (chatId !== undefined) retryTurn(chatId);
    else if (failed?.request?.kind === "message") {
      send(failed.request.content, failed.request.clientMessageId, failed.sent?.files ?? []);
    }
  }

  function onTakeBack() {
    const { text, files: back } = takeBack(key);
    if (back.length > 0) files.putBack(back);
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
          {...chat.reading}
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
            waiting={waiting}
            onDontSend={dontSend}
            placeholder={t(empty ? "chat.placeholder" : "chat.placeholderMore")}
            focusKey={key}
            files={files.state}
            tray={files.tray(waiting)}
            onPaste={files.onPaste}
          >
            {files.button}
            {props.picker}
          </Composer>
        </div>
        {empty && (
          <Examples
            demo={props.demo}
            onPick={(text) => {
              focusComposer();
              send(text, null, []);
            }}
          />
        )}
      </div>
      {empty && <div className="hidden flex-1 sm:block" />}
      {files.dropHint}
      <Announcer
        busy={busy}
        messages={messages}
        compared={chat.reading.compared}
        nameOf={props.nameOf}
      />
    </div>
  );
}
