import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { MenuIcon, PenIcon } from "@/components/ui/icons";
import { useMediaQuery, WIDE } from "@/lib/use-media-query";
import { useSidebar } from "@/routes/sidebar-context";

const ChatMenu = lazy(() => import("@/routes/chat-menu"));

export function ChatHeader({ title, chatId }: { title: string | null; chatId?: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const wide = useMediaQuery(WIDE);
  const { shown, toggle } = useSidebar();
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 px-2.5">
      {!shown && (
        <IconButton label={t("history.openSidebar")} onClick={toggle}>
          <MenuIcon className="text-lg" />
        </IconButton>
      )}
      <div className="min-w-0 flex-1">
        {title !== null && (
          <h1 dir="auto" className="truncate px-2 text-sm font-medium text-text-2">
            {title}
          </h1>
        )}
      </div>
      {chatId !== undefined && (
        <Suspense fallback={<span className="size-8 pointer-coarse:size-10" />}>
          <ChatMenu chatId={chatId} />
        </Suspense>
      )}
      {(!wide || !shown) && (
        <IconButton label={t("chat.newChat")} onClick={() => void navigate({ to: "/" })}>
          <PenIcon className="text-lg" />
        </IconButton>
      )}
    </header>
  );
}
