import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { useMe } from "@/features/auth/use-me";
import { ChatPane } from "@/features/chat/components/chat-pane";
import { useChat } from "@/features/chat/use-chat";
import { ModelPicker } from "@/features/models/model-picker";
import { useErrorText } from "@/i18n/use-error-text";
import { toApiError } from "@/lib/api/errors";
import { chatTitle } from "@/lib/chat-title";
import { usePageTitle } from "@/lib/use-page-title";
import { ChatHeader } from "@/routes/chat-header";
import { QuietPage } from "@/routes/fallback-pages";
import { useChatModel } from "@/routes/use-chat-model";

export function ChatLayout() {
  const { t } = useTranslation();
  const { chatId } = useParams({ strict: false });
  const navigate = useNavigate();
  const chat = useChat(chatId);
  const { data: me } = useMe();
  const model = useChatModel(chat.chat);
  const [picking, setPicking] = useState(false);
  const onChooseModel = useCallback(() => setPicking(true), []);
  const onCreated = useCallback(
    (id: string) => {
      // Whoever has gone elsewhere meanwhile stays there.
      if (window.location.pathname === "/") {
        void navigate({ to: "/c/$chatId", params: { chatId: id } });
      }
    },
    [navigate],
  );
  const title =
    chatId === undefined || chat.chat === undefined ? null : chatTitle(t, chat.chat.title);
  usePageTitle(title);

  if (chatId !== undefined && chat.isError && chat.chat === undefined) {
    return <ChatFailed error={chat.error} onRetry={() => void chat.refetch()} />;
  }
  return (
    <>
      <ChatHeader title={title} />
      <ChatPane
        chatId={chatId}
        chat={chat}
        pickModel={model.pick}
        demo={model.demo}
        userName={me?.fullName ?? null}
        nameOf={model.nameOf}
        onChooseModel={onChooseModel}
        onCreated={onCreated}
        picker={
          <ModelPicker
            value={model.id}
            open={picking}
            onOpenChange={setPicking}
            onChange={model.choose}
          />
        }
      />
    </>
  );
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
