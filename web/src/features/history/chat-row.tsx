import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, memo } from "react";
import { useTranslation } from "react-i18next";
import type { ChatInfo } from "@/client/types.gen";
import { IconButton } from "@/components/ui/icon-button";
import {
  ArchiveIcon,
  FolderIcon,
  MoreIcon,
  PenIcon,
  PinIcon,
  TrashIcon,
} from "@/components/ui/icons";
import { Menu, MenuItem } from "@/components/ui/menu";
import { archive, arrange } from "@/features/history/arranging";
import { dragChat } from "@/features/history/dragging";
import { RenameField } from "@/features/history/rename-field";
import { useRows } from "@/features/history/rows-context";
import { chatTitle } from "@/lib/chat-title";

export const ChatRow = memo(function ChatRow({ chat }: { chat: ChatInfo }) {
  const { t } = useTranslation();
  const { renaming, rename, move, remove } = useRows();
  const title = chatTitle(t, chat.title);
  if (renaming === chat.id) {
    return (
      <li>
        <RenameField chat={chat} onDone={() => rename(null)} />
      </li>
    );
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "F2") rename(chat.id);
    else if (event.key === "Delete") remove(chat);
    else return;
    event.preventDefault();
  }
  return (
    <li className="group row-lazy relative">
      <Link
        to="/c/$chatId"
        params={{ chatId: chat.id }}
        title={title}
        data-row={chat.id}
        aria-keyshortcuts="F2 Delete"
        onKeyDown={onKeyDown}
        onDragStart={(event) => dragChat(event, chat)}
        className="flex h-(--row-chat) items-center gap-2 rounded-sm -outline-offset-2 px-2.5 text-sm text-text-2 hover:bg-hover hover:text-text group-focus-within:pr-9 group-hover:pr-9 pointer-coarse:h-11 pointer-coarse:pr-11"
        activeProps={{ className: "bg-pressed text-text!" }}
      >
        <span dir="auto" className="truncate">
          {title}
        </span>
        {chat.activeGenerationId !== null && (
          <span
            role="img"
            aria-label={t("history.generating")}
            className="animate-breathe size-1.5 shrink-0 rounded-full bg-accent"
          />
        )}
      </Link>
      <div className="absolute inset-y-0 right-0.5 flex items-center opacity-0 focus-within:opacity-100 group-hover:opacity-100 has-data-popup-open:opacity-100 pointer-coarse:opacity-100">
        <Menu
          align="end"
          trigger={
            <IconButton label={t("history.actions", { title })} className="-outline-offset-2">
              <MoreIcon />
            </IconButton>
          }
        >
          {!chat.archived && (
            <MenuItem
              icon={<PinIcon />}
              onSelect={() => void arrange(chat, { pinned: !chat.pinned })}
            >
              {t(chat.pinned ? "history.unpin" : "history.pin")}
            </MenuItem>
          )}
          <MenuItem icon={<PenIcon />} onSelect={() => rename(chat.id)}>
            {t("history.rename")}
          </MenuItem>
          {!chat.archived && (
            <MenuItem icon={<FolderIcon />} onSelect={() => move(chat)}>
              {t("history.move")}
            </MenuItem>
          )}
          <MenuItem
            icon={<ArchiveIcon />}
            onSelect={() =>
              chat.archived ? void arrange(chat, { archived: false }) : archive(chat)
            }
          >
            {t(chat.archived ? "history.unarchive" : "history.archive")}
          </MenuItem>
          <MenuItem icon={<TrashIcon />} danger onSelect={() => remove(chat)}>
            {t("history.delete")}
          </MenuItem>
        </Menu>
      </div>
    </li>
  );
});
