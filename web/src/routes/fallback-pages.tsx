import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Logo } from "@/components/ui/logo";

/** A page with nothing but a sentence and a way on. */
export function QuietPage({
  title,
  lead,
  children,
}: {
  title: string;
  lead: string;
  children: ReactNode;
}) {
  return (
    <main className="flex h-full min-h-0 flex-1 flex-col items-center justify-center px-6 pb-[12vh] text-center">
      <Logo className="mb-5 size-10" />
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-1.5 mb-6 max-w-96 text-base text-text-2">{lead}</p>
      {children}
    </main>
  );
}

export function StartingPage() {
  const { t } = useTranslation();
  return (
    <div role="status" className="flex h-full items-center justify-center">
      <Logo className="animate-breathe size-10" />
      <span className="sr-only">{t("common.loading")}</span>
    </div>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <QuietPage title={t("page.notFoundTitle")} lead={t("page.notFoundLead")}>
      <Button variant="primary" onClick={() => window.location.assign("/")}>
        {t("page.home")}
      </Button>
    </QuietPage>
  );
}

export function CrashPage({ error }: { error: unknown }) {
  const { t } = useTranslation();
  useEffect(() => {
    // biome-ignore lint/suspicious/noConsole: whoever debugs this needs the cause
    console.error(error);
  }, [error]);
  return (
    <QuietPage title={t("page.crashTitle")} lead={t("page.crashLead")}>
      <Button variant="primary" onClick={() => window.location.reload()}>
        {t("page.reload")}
      </Button>
    </QuietPage>
  );
}

/** The server could not be reached on page load: tries again by itself and on request. */
export function ServerAwayPage({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  useEffect(() => {
    const again = () => {
      onRetry();
      void router.invalidate();
    };
    const timer = setInterval(again, 5000);
    window.addEventListener("online", again);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", again);
    };
  }, [onRetry, router]);
  return (
    <QuietPage title={t("page.awayTitle")} lead={t("page.awayLead")}>
      <Button
        variant="primary"
        onClick={() => {
          onRetry();
          void router.invalidate();
        }}
      >
        {t("common.retry")}
      </Button>
    </QuietPage>
  );
}
