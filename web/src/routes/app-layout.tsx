import { Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Drawer } from "@/components/ui/drawer";
import { dropAllPending } from "@/features/chat/attachments/pending";
import { clearAllDrafts } from "@/features/chat/drafts";
import { dropAllTurns } from "@/features/chat/stream/turn-store";
import { withTexts } from "@/i18n/i18n";
import { onSessionEnd } from "@/lib/api/session";
import { queryClient } from "@/lib/query-client";
import { useShortcut } from "@/lib/shortcuts";
import { readStored, writeStored } from "@/lib/storage";
import { useMediaQuery, WIDE } from "@/lib/use-media-query";
import { safeReturn } from "@/routes/safe-return";
import { Sidebar } from "@/routes/sidebar";
import { SidebarContext } from "@/routes/sidebar-context";
import { useLive } from "@/routes/use-live";

const Palette = lazy(() => withTexts("finding", import("@/routes/palette")));
const ShortcutsDialog = lazy(() => import("@/routes/shortcuts-dialog"));

/** The frame of the application: the list of chats beside the page, or over it on a phone. */
export function AppLayout() {
  const { t } = useTranslation();
  const wide = useMediaQuery(WIDE);
  const [drawer, setDrawer] = useState(false);
  const [hidden, setHidden] = useState(() => readStored("sidebar") === "hidden");
  const { pathname } = useLocation();
  const navigate = useNavigate();
  useLeaveOnSessionEnd();
  useLive();
  usePreferences();

  // biome-ignore lint/correctness/useExhaustiveDependencies: choosing a chat closes the drawer
  useEffect(() => setDrawer(false), [pathname]);

  const toggle = useCallback(() => {
    if (!wide) return setDrawer((open) => !open);
    setHidden((was) => {
      writeStored("sidebar", was ? null : "hidden");
      return !was;
    });
  }, [wide]);

  const shown = wide && !hidden;
  const [helping, setHelping] = useState(false);
  const showShortcuts = useCallback(() => setHelping(true), []);
  const [finding, setFinding] = useState(false);
  const showPalette = useCallback(() => setFinding(true), []);
  useShortcut("search", showPalette);
  useShortcut("newChat", () => void navigate({ to: "/" }));
  useShortcut("settings", () => void navigate({ to: "/settings" }));
  useShortcut("toggleSidebar", toggle);
  useShortcut("help", showShortcuts);
  useShortcut("focusComposer", () => document.getElementById("composer")?.focus());
  return (
    <SidebarContext value={{ shown, toggle, showShortcuts, showPalette }}>
      <a
        href="#main"
        className="absolute -top-20 left-3 z-60 rounded-md bg-raised px-4 py-2 focus:top-3 focus:shadow-float"
      >
        {t("common.skip")}
      </a>
      <div className="flex h-[var(--app-height,100dvh)] overflow-hidden pad-safe-t">
        {shown && (
          <aside
            aria-label={t("history.title")}
            className="flex w-68 shrink-0 flex-col border-r border-line bg-panel"
          >
            <Sidebar />
          </aside>
        )}
        {!wide && (
          <Drawer open={drawer} onOpenChange={setDrawer} label={t("history.title")}>
            <Sidebar />
          </Drawer>
        )}
        <main id="main" tabIndex={-1} className="flex outline-none min-w-0 flex-1 flex-col">
          <Outlet />
        </main>
      </div>
      {finding && (
        <Suspense>
          <Palette onClose={() => setFinding(false)} />
        </Suspense>
      )}
      {helping && (
        <Suspense>
          <ShortcutsDialog onClose={() => setHelping(false)} />
        </Suspense>
      )}
    </SidebarContext>
  );
}

/** The account's preferences can wait until the page is there. */
function usePreferences() {
  useEffect(() => {
    let stop: (() => void) | null = () => {};
    import("@/features/preferences/sync").then(
      ({ startSync }) => {
        if (stop !== null) stop = startSync();
      },
      () => {}, // This page goes on as it is.
    );
    return () => {
      stop?.();
      stop = null;
    };
  }, []);
}

/** Signing out clears what this person leaves behind; a session that merely ran out keeps the drafts. */
function useLeaveOnSessionEnd() {
  const navigate = useNavigate();
  useEffect(
    () =>
      onSessionEnd((reason) => {
        dropAllTurns();
        dropAllPending();
        if (reason === "signed-out") clearAllDrafts();
        const from = safeReturn(window.location.pathname);
        const search = reason === "expired" ? { ended: true as const, ...(from && { from }) } : {};
        // Cleared only when nothing on the page reads from it any more.
        void navigate({ to: "/login", search }).then(() => queryClient.clear());
      }),
    [navigate],
  );
}
