import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ImportResult } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { SettingsRow } from "@/components/ui/settings-row";
import { useErrorText } from "@/i18n/use-error-text";
import { isAbort } from "@/lib/api/errors";
import { uploadTo } from "@/lib/api/upload";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

/** Brings chats in from a file and says what became of them. */
export function ImportRow() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const input = useRef<HTMLInputElement>(null);
  const abort = useRef<AbortController>(null);
  const [progress, setProgress] = useState<number | null>(null);
  const [result, setResult] = useState<ImportResult | null>(null);
  const [error, setError] = useState<unknown>(null);
  async function run(file: File) {
    abort.current = new AbortController();
    setResult(null);
    setError(null);
    setProgress(0);
    try {
      setResult(
        await uploadTo<ImportResult>("/api/import", file, setProgress, abort.current.signal),
      );
      void queryClient.invalidateQueries({ queryKey: keys.chats });
    } catch (problem) {
      if (!isAbort(problem)) setError(problem);
    } finally {
      setProgress(null);
    }
  }
  const busy = progress !== null;
  return (
    <>
      <SettingsRow title={t("data.import")} hint={t("data.importHint")}>
        <div className="flex flex-wrap gap-2">
          {busy && (
            <Button size="sm" variant="quiet" onClick={() => abort.current?.abort()}>
              {t("common.cancel")}
            </Button>
          )}
          <Button size="sm" busy={busy} onClick={() => input.current?.click()}>
            {!busy
              ? t("data.importButton")
              : progress < 1
                ? t("data.sending", { percent: Math.round(progress * 100) })
                : t("data.importing")}
          </Button>
        </div>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={t("data.import")}
          accept=".zip,.json,application/zip,application/json"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file) void run(file);
          }}
        />
      </SettingsRow>
      {error !== null && <Notice className="m-3">{errorText(error)}</Notice>}
      <div role="status">{result && <Outcome result={result} />}</div>
    </>
  );
}

function Outcome({ result }: { result: ImportResult }) {
  const { t } = useTranslation();
  const { imported, alreadyThere, failed, problems } = result;
  return (
    <div className="px-4 py-3 text-sm">
      <p className="font-medium">{t("data.imported", { count: imported })}</p>
      {alreadyThere > 0 && (
        <p className="text-text-2">{t("data.alreadyThere", { count: alreadyThere })}</p>
      )}
      {failed > 0 && <p className="text-warn">{t("data.failed", { count: failed })}</p>}
      {problems.length > 0 && (
        <details className="mt-1.5">
          <summary className="cursor-pointer text-text-2">{t("data.problems")}</summary>
          <ul className="mt-1 max-h-40 overflow-y-auto text-text-3">
            {problems.map((problem, at) => (
              <li key={at} className="wrap-anywhere">
                {problem.title || t("data.untitled")} — {t(`data.${problem.reason}`)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
