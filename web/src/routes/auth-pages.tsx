import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Documents } from "@/components/ui/documents";
import { IconButton } from "@/components/ui/icon-button";
import { GlobeIcon } from "@/components/ui/icons";
import { Logo } from "@/components/ui/logo";
import { Menu } from "@/components/ui/menu";
import { AuthForm } from "@/features/auth/auth-form";
import { PreferenceChoices } from "@/features/preferences/preference-choices";
import { brand } from "@/lib/brand";
import { usePageDescription } from "@/lib/use-page-description";
import { usePageTitle } from "@/lib/use-page-title";

export const LINK = "font-medium text-accent-text underline-offset-3 hover:underline";

export function LoginPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/login" });
  const onDone = useReturn(search.from);
  usePageDescription(t("auth.loginDescription", { brand }));
  return (
    <AuthPage title={t("auth.loginTitle")} lead={t("auth.loginLead")}>
      <AuthForm
        kind="login"
        onDone={onDone}
        note={search.ended ? t("auth.sessionEnded") : null}
        other={
          <>
            <p>
              {t("auth.noAccount")}{" "}
              <Link
                to="/register"
                search={search.from ? { from: search.from } : {}}
                className={LINK}
              >
                {t("auth.register")}
              </Link>
            </p>
            <p>
              <Link to="/recover" className={LINK}>
                {t("recover.title")}
              </Link>
            </p>
          </>
        }
      />
    </AuthPage>
  );
}

export function RegisterPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/register" });
  const onDone = useReturn(search.from);
  usePageDescription(t("auth.registerDescription", { brand }));
  return (
    <AuthPage title={t("auth.registerTitle")} lead={t("auth.registerLead")}>
      <AuthForm
        kind="register"
        onDone={onDone}
        other={
          <>
            <p>
              {t("auth.haveAccount")}{" "}
              <Link to="/login" search={search.from ? { from: search.from } : {}} className={LINK}>
                {t("auth.login")}
              </Link>
            </p>
            <p className="text-xs text-pretty text-text-3 empty:hidden">
              <Documents before={t("auth.accept")} />
            </p>
          </>
        }
      />
    </AuthPage>
  );
}

function useReturn(from: string | undefined) {
  const navigate = useNavigate();
  return () => void navigate({ to: from ?? "/", replace: true });
}

export function AuthPage({
  title,
  lead,
  children,
}: {
  title: string;
  lead: string;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  usePageTitle(title);
  return (
    <div className="flex min-h-dvh flex-col pad-safe-t">
      <header className="flex items-center justify-between px-4 py-3 sm:px-6">
        {/* The server's own page, not the app's. */}
        <a href="/" className="flex items-center gap-2 rounded-sm font-semibold tracking-tight">
          <Logo className="size-6" />
          {brand}
        </a>
        <Menu
          align="end"
          trigger={
            <IconButton label={`${t("preferences.language")}, ${t("preferences.theme")}`}>
              <GlobeIcon className="text-lg" />
            </IconButton>
          }
        >
          <PreferenceChoices />
        </Menu>
      </header>
      <main className="flex flex-1 flex-col items-center justify-center px-5 pt-4 pb-[14vh]">
        <div className="animate-rise w-full max-w-88">
          <h1 className="text-2xl font-[580] tracking-[-0.022em]">{title}</h1>
          <p className="mt-1.5 mb-7 text-balance text-base text-text-2">{lead}</p>
          {children}
        </div>
      </main>
    </div>
  );
}
