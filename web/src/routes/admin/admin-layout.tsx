import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/features/auth/use-me";
import { cn } from "@/lib/cn";
import { usePageTitle } from "@/lib/use-page-title";
import { ChatHeader } from "@/routes/chat-header";
import { NotFoundPage, StartingPage } from "@/routes/fallback-pages";

const SECTIONS = [
  ["/admin", "admin.nav.dashboard"],
  ["/admin/payments", "admin.nav.payments"],
  ["/admin/users", "admin.nav.users"],
  ["/admin/offers", "admin.nav.offers"],
  ["/admin/mails", "admin.nav.mails"],
  ["/admin/audit", "admin.nav.audit"],
  ["/admin/health", "admin.nav.health"],
] as const;

/** The frame of the operator's pages. For everybody else there is nothing at this address. */
export default function AdminLayout() {
  const { data: me, isPending } = useMe();
  if (isPending) return <StartingPage />;
  if (me?.role !== "admin") return <NotFoundPage />;
  return <Admin />;
}

function Admin() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const [here, name] =
    [...SECTIONS]
      .reverse()
      .find(([path]) => pathname === path || pathname.startsWith(`${path}/`)) ?? SECTIONS[0];
  usePageTitle(t(name));
  const current = useRef<HTMLAnchorElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the section that was chosen may be out of view
  useEffect(() => current.current?.scrollIntoView({ block: "nearest", inline: "center" }), [here]);
  return (
    <>
      <ChatHeader title={null} />
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
        <div className="mx-auto flex w-full max-w-296 flex-col gap-6 px-4 pt-1 pb-16 sm:px-6">
          <h1 className="text-2xl font-[580] tracking-[-0.022em]">{t(name)}</h1>
          <nav
            aria-label={t("admin.nav.title")}
            className="-mx-4 overflow-x-auto px-4 sm:-mx-6 sm:px-6"
          >
            <ul className="flex w-max min-w-full gap-1 border-b border-line">
              {SECTIONS.map(([path, label]) => (
                <li key={path}>
                  <Link
                    ref={path === here ? current : undefined}
                    to={path}
                    aria-current={path === here ? "page" : undefined}
                    className={cn(
                      "-mb-px flex h-10 items-center border-b-2 px-3 text-sm whitespace-nowrap -outline-offset-2 pointer-coarse:h-11",
                      path === here
                        ? "border-accent font-medium text-text"
                        : "border-transparent text-text-2 hover:text-text",
                    )}
                  >
                    {t(label)}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <Outlet />
        </div>
      </div>
    </>
  );
}
