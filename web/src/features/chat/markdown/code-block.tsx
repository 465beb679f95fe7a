import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/components/ui/copy-button";

type Highlight = (code: string, language: string) => ReactNode | null;

/** Loaded with the first code block that names a language; until then code is plain. */
let highlight: Highlight | null = null;
let loading: Promise<void> | null = null;

function loadHighlighter(): Promise<void> {
  loading ??= import("@/features/chat/markdown/highlight").then(
    (module) => {
      highlight = module.highlight;
    },
    () => {
      loading = null;
    },
  );
  return loading;
}

/** Longer code stays plain: colouring it would cost more than a frame. */
const MAX_LENGTH = 30_000;

function useHighlighted(code: string, language: string): ReactNode {
  const [ready, setReady] = useState(highlight !== null);
  const wanted = language !== "" && code.length <= MAX_LENGTH;
  useEffect(() => {
    if (wanted && !ready) void loadHighlighter().then(() => setReady(highlight !== null));
  }, [wanted, ready]);
  return useMemo(
    () => (wanted && ready ? (highlight?.(code, language) ?? null) : null),
    [code, language, wanted, ready],
  );
}

export function CodeBlock({ code, language }: { code: string; language: string }) {
  const { t } = useTranslation();
  const name = /^[\w#+.-]{1,24}/.exec(language)?.[0] ?? "";
  const coloured = useHighlighted(code, name.toLowerCase());
  return (
    <div className="code-block" dir="ltr">
      <div className="flex items-center justify-between pt-1 pr-1 pl-4 text-xs text-text-3">
        <span className="font-medium">{name || t("markdown.code")}</span>
        <CopyButton text={code} label={t("markdown.copyCode")} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable */}
      <pre tabIndex={0}>
        <code>{coloured ?? code}</code>
      </pre>
    </div>
  );
}
