import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessageInfo, ModelInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { useMe } from "@/features/auth/use-me";
import { ChatPane } from "@/features/chat/components/chat-pane";
import { regenerate } from "@/features/chat/stream/actions";
import { useChat } from "@/features/chat/use-chat";
import { ModelPicker } from "@/features/models/model-picker";
import { useErrorText } from "@/i18n/use-error-text";
import { toApiError } from "@/lib/api/errors";
import { chatTitle } from "@/lib/chat-title";
import { useCommand } from "@/lib/commands";
import { usePageTitle } from "@/lib/use-page-title";
import { ChatHeader } from "@/routes/chat-header";
import { QuietPage } from "@/routes/fallback-pages";
import { useChatModel } from "@/routes/use-chat-model";
import { useUpgrade } from "@/routes/use-upgrade";

export function ChatLayout() {
  const { t } = useTranslation();
  const { chatId } = useParams({ strict: false });
  const navigate = useNavigate();
  const chat = useChat(chatId);
  const { data: me } = useMe();
  const model = useChatModel(chat.chat);
  const { onUpgrade, onLocked, paywall } = useUpgrade(chatId);
  const picking = useModelPicking(chatId, model.choose);
  const onCreated = useCallback(
    (id: string) => {
      // Whoever has gone elsewhere meanwhile stays there.
      if (window.location.pathname === "/") {
        void navigate({ to: "/c/$chatId", params: { chatId: id } });
      }
    },
    [navigate],
  );
  useCommand("models", picking.forChat);
  const title =
    chatId === undefined || chat.chat === undefined ? null : chatTitle(t, chat.chat.title);
  usePageTitle(title);

  const gone = chat.isError && toApiError(chat.error).status === 404;
  if (chatId !== undefined && chat.isError && (gone || chat.chat === undefined)) {
    return <ChatFailed error={chat.error} onRetry={() => void chat.refetch()} />;
  }
  return (
    <>
      <ChatHeader title={title} chatId={chatId} />
      <ChatPane
        chatId={chatId}
        chat={chat}
        pickModel={model.pick}
        demo={model.demo}
        userName={me?.fullName ?? null}
        nameOf={model.nameOf}
        compareModels={model.compared !== null && model.compared.length > 1 ? model.compared : null}
        onCompared={model.stopComparing}
        blind={model.blind}
        onChooseModel={picking.forChat}
        onRegenerateWith={picking.forAnswer}
        onCreated={onCreated}
        onUpgrade={me?.subscriptionTier === "free" ? onUpgrade : undefined}
        picker={
          <ModelPicker
            value={model.id}
            compared={model.compared}
            onCompare={model.setCompared}
            title={picking.answer && t("models.chooseForAnswer")}
            open={picking.open}
            onOpenChange={picking.setOpen}
            onChange={picking.onChange}
            onLocked={onLocked}
          />
        }
      />
      {paywall}
    </>
  );
}

/** The picker serves the next message, and an answer that is to be written anew by another model. */
function useModelPicking(chatId: string | undefined, choose: (model: ModelInfo) => void) {
  const [open, setOpen] = useState(false);
  const [answer, setAnswer] = useState<MessageInfo | null>(null);
  const forChat = useCallback(() => {
    setAnswer(null);
    setOpen(true);
  }, []);
  const forAnswer = useCallback((message: MessageInfo) => {
    setAnswer(message);
    setOpen(true);
  }, []);
  return {
    open,
    answer,
    forChat,
    forAnswer,
    setOpen: (next: boolean) => {
      setOpen(next);
      // Opened from the composer it is for the next message again.
      if (next) setAnswer(null);
    },
    onChange: (model: ModelInfo) => {
      if (answer === null || chatId === undefined) choose(model);
      else regenerate(chatId, answer, model.id);
    },
  };
}

function ChatFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const gone = toApiError(error).status === 404;
  return (
    <>
      <ChatHeader title={null} />
      <QuietPage
        title={t(gone ? "chat.notFound" : "page.crashTitle")}
        lead={gone ? t("chat.notFoundLead") : errorText(error)}
      >
        {gone ? (
          <Button variant="primary" onClick={() => void navigate({ to: "/" })}>
            {t("chat.startNew")}
          </Button>
        ) : (
          <Button variant="primary" onClick={onRetry}>
            {t("common.retry")}
          </Button>
        )}
      </QuietPage>
    </>
  );
}
