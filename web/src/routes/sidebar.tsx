import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useCallback } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { PenIcon, SearchIcon, SidebarIcon } from "@/components/ui/icons";
import { Logo } from "@/components/ui/logo";
import { useMe } from "@/features/auth/use-me";
import { dropTurn } from "@/features/chat/stream/turn-store";
import { ListSkeleton } from "@/features/history/list-skeleton";
import { UsageMeter } from "@/features/usage/usage-meter";
import { brand } from "@/lib/brand";
import { MOD } from "@/lib/shortcuts";
import { AccountMenu } from "@/routes/account-menu";
import { useSidebar } from "@/routes/sidebar-context";

/** Nobody needs it to type, send and read: it follows. */
const ChatList = lazy(() => import("@/features/history/chat-list"));

export function Sidebar() {
  const { t } = useTranslation();
  const { toggle, showPalette } = useSidebar();
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
        <button
          type="button"
          onClick={showPalette}
          aria-keyshortcuts="Control+K Meta+K"
          className="group flex h-9 w-full items-center gap-2.5 rounded-sm px-2.5 text-left text-sm text-text-2 hover:bg-hover hover:text-text pointer-coarse:h-11"
        >
          <SearchIcon className="text-text-3" />
          <span className="flex-1">{t("history.search")}</span>
          <span
            aria-hidden="true"
            className="hidden text-xs text-text-3 group-hover:block group-focus-visible:block"
          >
            {MOD} K
          </span>
        </button>
      </div>
      <nav
        aria-label={t("history.title")}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2.5 pt-2"
      >
        <Suspense fallback={<ListSkeleton />}>
          <ChatList onDeleted={onDeleted} />
        </Suspense>
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
