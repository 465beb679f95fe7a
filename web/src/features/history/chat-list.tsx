import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChatInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { EndSentinel } from "@/components/ui/end-sentinel";
import { ChatRow } from "@/features/history/chat-row";
import {
  deleteLater,
  isWaitingForDeletion,
  UNDO_MS,
  undoDelete,
} from "@/features/history/delete-later";
import { type DayKey, groupByDay } from "@/features/history/group-by-day";
import { RenameDialog } from "@/features/history/rename-dialog";
import { useChatList } from "@/features/history/use-chat-list";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";

/** All chats, newest first, grouped by day. `onDeleted` hears of a deletion as soon as it is asked for. */
export function ChatList({ onDeleted }: { onDeleted: (chatId: string) => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [renaming, setRenaming] = useState<ChatInfo | null>(null);
  const { chats, isPending, isError, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useChatList();
  const groups = useMemo(
    () => groupByDay(chats.filter((chat) => !isWaitingForDeletion(chat.id))),
    [chats],
  );

  const onDelete = useCallback(
    (chat: ChatInfo) => {
      deleteLater(chat.id, (error) => showToast(errorText(error)));
      onDeleted(chat.id);
      showToast(
        t("history.deleted"),
        { label: t("common.undo"), run: () => undoDelete(chat.id) },
        UNDO_MS,
      );
    },
    [t, errorText, onDeleted],
  );

  if (isPending) return <ListSkeleton />;
  if (isError && chats.length === 0) {
    return (
      <div className="px-2.5 py-4 text-sm text-text-2">
        <p className="mb-2.5">{t("history.loadFailed")}</p>
        <Button size="sm" onClick={() => refetch()}>
          {t("common.retry")}
        </Button>
      </div>
    );
  }
  if (groups.length === 0) {
    return <p className="px-2.5 py-4 text-sm text-text-3">{t("history.empty")}</p>;
  }
  return (
    <>
      {groups.map((group) => (
        <section key={group.key} className="mb-3">
          <DayHeading day={group.key} />
          <ul>
            {group.chats.map((chat) => (
              <ChatRow key={chat.id} chat={chat} onRename={setRenaming} onDelete={onDelete} />
            ))}
          </ul>
        </section>
      ))}
      {hasNextPage && <EndSentinel busy={isFetchingNextPage} onReach={fetchNextPage} />}
      {renaming && <RenameDialog chat={renaming} onClose={() => setRenaming(null)} />}
    </>
  );
}

function DayHeading({ day }: { day: DayKey }) {
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
  return <h2 className="px-2.5 pt-1 pb-1.5 text-xs font-medium text-text-3">{text}</h2>;
}

function ListSkeleton() {
  return (
    <div aria-hidden="true" className="flex flex-col gap-3.5 px-2.5 py-3">
      {["w-4/5", "w-3/5", "w-2/3", "w-1/2", "w-3/4"].map((width) => (
        <div key={width} className={`h-3 rounded-full bg-hover ${width}`} />
      ))}
    </div>
  );
}
