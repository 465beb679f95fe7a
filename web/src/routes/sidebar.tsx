import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { PenIcon, SidebarIcon } from "@/components/ui/icons";
import { Logo } from "@/components/ui/logo";
import { useMe } from "@/features/auth/use-me";
import { dropTurn } from "@/features/chat/stream/turn-store";
import { ChatList } from "@/features/history/chat-list";
import { UsageMeter } from "@/features/usage/usage-meter";
import { brand } from "@/lib/brand";
import { AccountMenu } from "@/routes/account-menu";
import { useSidebar } from "@/routes/sidebar-context";

export function Sidebar() {
  const { t } = useTranslation();
  const { toggle } = useSidebar();
  const navigate = useNavigate();
  const { data: me } = useMe();
  const { chatId } = useParams({ strict: false });
  const onDeleted = useCallback(
    (id: string) => {
      dropTurn(id);
      if (id === chatId) void navigate({ to: "/" });
    },
    [chatId, navigate],
  );
  return (
    <>
      <div className="flex h-14 shrink-0 items-center justify-between pr-2.5 pl-4">
        <Link
          to="/"
          className="flex min-w-0 items-center gap-2 rounded-sm font-semibold tracking-tight"
        >
          <Logo className="size-6 shrink-0" />
          <span className="truncate">{brand}</span>
        </Link>
        <IconButton label={t("history.hideSidebar")} onClick={toggle}>
          <SidebarIcon className="text-lg" />
        </IconButton>
      </div>
      <div className="px-2.5 pb-2">
        <Link
          to="/"
          className="flex h-9 items-center gap-2.5 rounded-sm px-2.5 text-sm font-medium hover:bg-hover pointer-coarse:h-11"
        >
          <PenIcon className="text-accent-text" />
          {t("chat.newChat")}
        </Link>
      </div>
      <nav
        aria-label={t("history.title")}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2.5 pt-2"
      >
        <ChatList onDeleted={onDeleted} />
      </nav>
      <div className="border-t border-line px-2.5 pt-2 pad-safe-b [--pad:0.625rem]">
        <UsageMeter
          more={
            me?.subscriptionTier === "free" && (
              <Link to="/plans" className="text-accent-text underline underline-offset-2">
                {t("upgrade.open")}
              </Link>
            )
          }
        />
        <AccountMenu />
      </div>
    </>
  );
}
