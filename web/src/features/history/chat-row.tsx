import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { ChatInfo } from "@/client/types.gen";
import { IconButton } from "@/components/ui/icon-button";
import { MoreIcon, PenIcon, TrashIcon } from "@/components/ui/icons";
import { Menu, MenuItem } from "@/components/ui/menu";
import { chatTitle } from "@/lib/chat-title";

export const ChatRow = memo(function ChatRow({
  chat,
  onRename,
  onDelete,
}: {
  chat: ChatInfo;
  onRename: (chat: ChatInfo) => void;
  onDelete: (chat: ChatInfo) => void;
}) {
  const { t } = useTranslation();
  const title = chatTitle(t, chat.title);
  return (
    <li className="group row-lazy relative">
      <Link
        to="/c/$chatId"
        params={{ chatId: chat.id }}
        title={title}
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
          <MenuItem icon={<PenIcon />} onSelect={() => onRename(chat)}>
            {t("history.rename")}
          </MenuItem>
          <MenuItem icon={<TrashIcon />} danger onSelect={() => onDelete(chat)}>
            {t("history.delete")}
          </MenuItem>
        </Menu>
      </div>
    </li>
  );
});
