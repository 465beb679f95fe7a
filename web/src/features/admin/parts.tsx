import type { ReactNode } from "react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Spinner } from "@/components/ui/spinner";
import { useErrorText } from "@/i18n/use-error-text";
import { cn } from "@/lib/cn";

/** A framed part of a page with its heading, and what can be done with it beside that. */
export function Panel({
  title,
  lead,
  actions,
  padded = false,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  padded?: boolean;
  children: ReactNode;
}) {
  const heading = useId();
  return (
    <section aria-labelledby={heading} className="min-w-0">
      <div className="mb-2.5 flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div>
          <h2 id={heading} className="text-lg font-semibold tracking-tight">
            {title}
          </h2>
          {lead && <p className="max-w-160 text-sm text-text-3">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      <div className={cn("rounded-lg border border-line bg-raised", padded && "p-4")}>
        {children}
      </div>
    </section>
  );
}

/** Names and values, side by side where there is room. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className="grid grid-cols-1 gap-x-8 gap-y-3 p-4 text-sm sm:grid-cols-2 lg:grid-cols-3">
      {facts.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-xs text-text-3">{name}</dt>
          <dd className="mt-0.5 wrap-anywhere">{value ?? "—"}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What is loading, what went wrong, or what there is. */
export function Loaded<Data>({
  query,
  children,
}: {
  query: { data: Data | undefined; error: unknown; refetch: () => unknown };
  children: (data: Data) => ReactNode;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  if (query.data !== undefined) return children(query.data);
  if (query.error) {
    return (
      <Notice
        actions={
          <Button size="sm" onClick={() => void query.refetch()}>
            {t("common.retry")}
          </Button>
        }
      >
        {errorText(query.error)}
      </Notice>
    );
  }
  return (
    <div role="status" className="flex h-40 items-center justify-center text-text-3">
      <Spinner className="text-xl" />
      <span className="sr-only">{t("common.loading")}</span>
    </div>
  );
}

/** The rows of all pages that were asked for, in a frame, with a way to the next page. */
export function LoadedPages<Row>({
  query,
  children,
}: {
  query: {
    data: { pages: { data: Row[] }[] } | undefined;
    error: unknown;
    refetch: () => unknown;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => unknown;
  };
  children: (rows: Row[]) => ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Loaded query={query}>
      {({ pages }) => (
        <div className="rounded-lg border border-line bg-raised">
          {children(pages.flatMap((page) => page.data))}
          {query.hasNextPage && (
            <div className="flex justify-center border-t border-line p-3">
              <Button
                size="sm"
                busy={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                {t("admin.list.more")}
              </Button>
            </div>
          )}
        </div>
      )}
    </Loaded>
  );
}

/** Instead of rows, where there are none. */
export function Nothing({ children }: { children?: string }) {
  const { t } = useTranslation();
  return <p className="px-4 py-6 text-sm text-text-3">{children ?? t("admin.list.empty")}</p>;
}

const TONES = {
  good: "bg-accent-soft text-accent-text",
  warn: "bg-warn-soft text-warn",
  bad: "bg-danger-soft text-danger",
  neutral: "bg-sunken text-text-2",
};

const TONE_OF: Record<string, keyof typeof TONES> = {
  succeeded: "good",
  paid: "good",
  active: "good",
  sent: "good",
  premium: "good",
  pending: "warn",
  created: "warn",
  queued: "warn",
  waiting_for_capture: "warn",
  refunded: "warn",
  failed: "bad",
  canceled: "neutral",
  refused: "bad",
  blocked: "bad",
};

/** A state, in a colour that says how good it is; the word says it too. */
export function State({ code, children }: { code: string; children: ReactNode }) {
  return (
    <span
      className={cn(
        "inline-flex items-center rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap",
        TONES[TONE_OF[code] ?? "neutral"],
      )}
    >
      {children}
    </span>
  );
}
