import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ChatInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { EndSentinel } from "@/components/ui/end-sentinel";
import { arrange } from "@/features/history/arranging";
import { dropTarget } from "@/features/history/dragging";
import { type DayKey, groupByDay } from "@/features/history/group-by-day";
import { ListSkeleton } from "@/features/history/list-skeleton";
import { Rows } from "@/features/history/rows";
import { RowsProvider } from "@/features/history/rows-provider";
import { useChatList } from "@/features/history/use-chat-list";
import { useFolders } from "@/features/history/use-folders";
import { withTexts } from "@/i18n/i18n";

const Folders = lazy(() => withTexts("finding", import("@/features/history/folders")));

/** All chats that are not archived: pinned ones, folders, and the others grouped by day. */
export default function ChatList({ onDeleted }: { onDeleted: (chatId: string) => void }) {
  const { t } = useTranslation();
  const pinned = useChatList("pinned");
  const recent = useChatList("recent");
  const { data: folders } = useFolders();
  const groups = useMemo(() => groupByDay(recent.chats), [recent.chats]);

  if (recent.isPending) return <ListSkeleton />;
  if (recent.isError && recent.chats.length === 0) {
    return (
      <div className="px-2.5 py-4 text-sm text-text-2">
        <p className="mb-2.5">{t("history.loadFailed")}</p>
        <Button size="sm" onClick={() => recent.refetch()}>
          {t("common.retry")}
        </Button>
      </div>
    );
  }
  const some = folders !== undefined && folders.length > 0;
  return (
    <RowsProvider onDeleted={onDeleted}>
      {pinned.chats.length > 0 && (
        <section
          {...dropTarget((chat) => void arrange(chat, { pinned: true }))}
          className="drop-place mb-3 rounded-md"
        >
          <Heading>{t("history.pinned")}</Heading>
          <Rows chats={pinned.chats} label={t("history.pinned")} />
          {pinned.more && <EndSentinel busy={pinned.busy} onReach={pinned.loadMore} />}
        </section>
      )}
      {some && (
        <Suspense>
          <Folders folders={folders} />
        </Suspense>
      )}
      <div
        {...dropTarget((chat) => void arrange(chat, { pinned: false, folderId: null }))}
        className="drop-place rounded-md"
      >
        {groups.map((group) => (
          <DaySection key={group.key} day={group.key} chats={group.chats} />
        ))}
        {groups.length === 0 && pinned.chats.length === 0 && !some && (
          <p className="px-2.5 py-4 text-sm text-text-3">{t("history.empty")}</p>
        )}
        {recent.more && <EndSentinel busy={recent.busy} onReach={recent.loadMore} />}
      </div>
    </RowsProvider>
  );
}

function DaySection({ day, chats }: { day: DayKey; chats: ChatInfo[] }) {
  const { t, i18n } = useTranslation();
  let text: string;
  if (day === "today" || day === "yesterday" || day === "week" || day === "month") {
    text = t(`history.${day}`);
  } else {
    const month = new Date(`${day.slice("month:".length)}-15T12:00:00`);
    text = month.toLocaleDateString(i18n.language, { month: "long" });
    text = text.charAt(0).toUpperCase() + text.slice(1);
    if (month.getFullYear() !== new Date().getFullYear()) text += ` ${month.getFullYear()}`;
  }
  return (
    <section className="mb-3">
      <Heading>{text}</Heading>
      <Rows chats={chats} label={text} />
    </section>
  );
}

function Heading({ children }: { children: string }) {
  return <h2 className="px-2.5 pt-1 pb-1.5 text-xs font-medium text-text-3">{children}</h2>;
}
