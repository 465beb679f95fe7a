import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { EndSentinel } from "@/components/ui/end-sentinel";
import { Spinner } from "@/components/ui/spinner";
import { Rows } from "@/features/history/rows";
import { RowsProvider } from "@/features/history/rows-provider";
import { useChatList } from "@/features/history/use-chat-list";
import { usePageTitle } from "@/lib/use-page-title";
import { ChatHeader } from "@/routes/chat-header";

/** The chats that are put away: to be read, found and gone on with, but not in the way. */
export default function ArchivePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { chats, more, busy, loadMore, isPending, isError, refetch } = useChatList("archived");
  const onDeleted = useCallback(() => {}, []);
  usePageTitle(t("archive.title"));
  return (
    <>
      <ChatHeader title={null} />
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
        <div className="mx-auto w-full max-w-184 px-4 pt-2 pb-16 sm:px-6">
          <h1 className="text-2xl font-[580] tracking-[-0.022em]">{t("archive.title")}</h1>
          <p className="mt-1.5 mb-5 text-base text-text-2">{t("archive.lead")}</p>
          {isPending && <Spinner />}
          {isError && chats.length === 0 && (
            <Button size="sm" onClick={() => refetch()}>
              {t("common.retry")}
            </Button>
          )}
          {!isPending && !isError && chats.length === 0 && (
            <div className="rounded-lg border border-line px-5 py-8 text-center text-sm text-text-2">
              <p className="mb-4">{t("archive.empty")}</p>
              <Button size="sm" onClick={() => void navigate({ to: "/" })}>
                {t("chat.startNew")}
              </Button>
            </div>
          )}
          <RowsProvider onDeleted={onDeleted}>
            <Rows chats={chats} label={t("archive.title")} />
          </RowsProvider>
          {more && <EndSentinel busy={busy} onReach={loadMore} />}
        </div>
      </div>
    </>
  );
}
