import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/components/ui/copy-button";
import { IconButton } from "@/components/ui/icon-button";
import { DownloadIcon, WrapIcon } from "@/components/ui/icons";
import { fileName } from "@/features/chat/markdown/file-name";
import { saveFile } from "@/lib/save-file";
import { storedChoice, useStoredChoice } from "@/lib/stored-choice";

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

/** Wide code scrolls, or is broken into lines; the choice holds for all code. */
const wrapping = storedChoice("code-wrap", ["off", "on"]);

export function CodeBlock({ code, language }: { code: string; language: string }) {
  const { t } = useTranslation();
  const wrap = useStoredChoice(wrapping) === "on";
  const name = /^[\w#+.-]{1,24}/.exec(language)?.[0] ?? "";
  const coloured = useHighlighted(code, name.toLowerCase());
  return (
    <div className="code-block" dir="ltr">
      <div className="code-head flex items-center pt-1 pr-1 pl-4 text-xs text-text-3">
        <span className="min-w-0 flex-1 truncate font-medium">{name || t("markdown.code")}</span>
        <IconButton
          label={t("markdown.wrap")}
          aria-pressed={wrap}
          className="aria-pressed:text-accent-text"
          onClick={() => wrapping.set(wrap ? "off" : "on")}
        >
          <WrapIcon />
        </IconButton>
        <IconButton label={t("markdown.download")} onClick={() => saveFile(fileName(name), code)}>
          <DownloadIcon />
        </IconButton>
        <CopyButton text={code} label={t("markdown.copyCode")} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable */}
      <pre tabIndex={0} data-wrap={wrap || undefined}>
        <code>{coloured ?? code}</code>
      </pre>
    </div>
  );
}
