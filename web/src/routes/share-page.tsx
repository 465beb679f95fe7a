import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { continueShare, getShare } from "@/client/sdk.gen";
import type { SharedMessage } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Logo } from "@/components/ui/logo";
import AttachmentList from "@/features/chat/attachments/attachment-list";
import { FileSource, type Part } from "@/features/chat/attachments/file-source";
import { ConversationSkeleton } from "@/features/chat/components/skeleton";
import { Bubble } from "@/features/chat/components/user-message";
import { Markdown } from "@/features/chat/markdown/markdown";
import { MarkdownBoundary } from "@/features/chat/markdown/markdown-boundary";
import { formatTime } from "@/i18n/amounts";
import { useErrorText } from "@/i18n/use-error-text";
import { toApiError } from "@/lib/api/errors";
import { http } from "@/lib/api/http";
import { restore } from "@/lib/api/session";
import { brand } from "@/lib/brand";
import { showToast } from "@/lib/toasts";
import { usePageTitle } from "@/lib/use-page-title";
import { QuietPage } from "@/routes/fallback-pages";

/** A shared chat, for anybody with the link. Nothing here knows who looks. */
export default function SharePage() {
  const { t, i18n } = useTranslation();
  const { token = "" } = useParams({ strict: false });
  const errorText = useErrorText();
  const share = useInfiniteQuery({
    queryKey: ["share", token],
    queryFn: async ({ pageParam, signal }) =>
      (await getShare({ ...http, path: { token }, query: { skip: pageParam }, signal })).data.data,
    initialPageParam: 0,
    getNextPageParam: (page) => page.older,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const first = share.data?.pages[0];
  usePageTitle(first?.title ?? t("sharing.page"));
  useNotIndexed();
  const source = useMemo(
    () => (id: string, part: Part) =>
      `/api/shares/${encodeURIComponent(token)}/files/${id}${part === "main" ? "" : "/thumbnail"}`,
    [token],
  );
  if (share.isError && first === undefined) {
    const gone = toApiError(share.error).status === 404;
    return (
      <Frame bare>
        <QuietPage
          title={t(gone ? "sharing.gone" : "page.crashTitle")}
          lead={gone ? t("sharing.goneLead") : errorText(share.error)}
        >
          <Button
            variant="primary"
            onClick={() => (gone ? window.location.assign("/") : void share.refetch())}
          >
            {t(gone ? "sharing.home" : "common.retry")}
          </Button>
        </QuietPage>
      </Frame>
    );
  }
  if (first === undefined) {
    return (
      <Frame>
        <ConversationSkeleton />
      </Frame>
    );
  }
  const messages = [...(share.data?.pages ?? [])].reverse().flatMap((page) => page.messages);
  return (
    <Frame action={<GoOn token={token} />}>
      <FileSource value={source}>
        <div className="mx-auto flex w-full max-w-184 flex-col gap-(--gap-messages) px-4 pt-8 pb-16 sm:px-6">
          <header className="border-b border-line pb-5">
            <h1 dir="auto" className="text-2xl font-[580] tracking-[-0.022em] wrap-anywhere">
              {first.title}
            </h1>
            <p className="mt-1.5 text-sm text-text-3">
              {first.author ? t("sharing.by", { name: first.author }) : t("sharing.anonymous")}
              {" · "}
              {formatTime(i18n.language, new Date(first.createdAt))}
            </p>
          </header>
          {share.hasNextPage && (
            <Button
              className="self-center"
              busy={share.isFetchingNextPage}
              onClick={() => void share.fetchNextPage()}
            >
              {t("sharing.older")}
            </Button>
          )}
          {messages.map((message) => (
            <Message key={message.id} message={message} />
          ))}
        </div>
      </FileSource>
    </Frame>
  );
}

function Frame({
  children,
  action,
  bare = false,
}: {
  children: ReactNode;
  action?: ReactNode;
  /** What is inside is a whole page. */
  bare?: boolean;
}) {
  const { t } = useTranslation();
  const Inner = bare ? "div" : "main";
  return (
    <div className="flex h-dvh flex-col pad-safe-t">
      <header className="flex h-13 shrink-0 items-center gap-3 border-b border-line px-4">
        <a href="/" className="flex items-center gap-2 rounded-sm font-semibold">
          <Logo />
          <span className="max-sm:sr-only">{brand}</span>
        </a>
        <span className="min-w-0 flex-1 truncate text-right text-sm text-text-3 max-sm:sr-only">
          {t("sharing.readOnly")}
        </span>
        <span className="flex-1 sm:hidden" />
        {action}
      </header>
      <Inner className="flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain">
        {children}
      </Inner>
    </div>
  );
}

function Message({ message }: { message: SharedMessage }) {
  const { t } = useTranslation();
  const { role, content, attachments } = message;
  if (role === "user") {
    return (
      <article aria-label={t("sharing.you")} className="flex flex-col items-end">
        {attachments.length > 0 && <AttachmentList files={attachments} />}
        {content !== "" && <Bubble text={content} />}
      </article>
    );
  }
  return (
    <article aria-label={t("sharing.answer")}>
      {message.modelName && <p className="mb-1 text-xs text-text-3">{message.modelName}</p>}
      <MarkdownBoundary text={content} growing={false}>
        <Markdown text={content} growing={false} />
      </MarkdownBoundary>
    </article>
  );
}

/** Copies the chat into one's own account; whoever is not signed in does that first and comes back. */
function GoOn({ token }: { token: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  async function goOn() {
    setBusy(true);
    try {
      if ((await restore()) === "refused") {
        await navigate({ to: "/login", search: { from: `/share/${token}` } });
        return;
      }
      const { data } = await continueShare({ ...http, path: { token } });
      await navigate({ to: "/c/$chatId", params: { chatId: data.data.id } });
    } catch (error) {
      showToast(errorText(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Button
      size="sm"
      variant="primary"
      busy={busy}
      title={t("sharing.goOnHint")}
      onClick={() => void goOn()}
    >
      {t("sharing.goOn")}
    </Button>
  );
}

/** The server says it in a header too; some readers only look into the page. */
function useNotIndexed() {
  useEffect(() => {
    const meta = document.createElement("meta");
    meta.name = "robots";
    meta.content = "noindex, nofollow";
    document.head.append(meta);
    return () => meta.remove();
  }, []);
}
