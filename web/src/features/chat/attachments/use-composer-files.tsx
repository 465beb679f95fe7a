import { type ClipboardEvent, lazy, type ReactNode, Suspense, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FileInfo } from "@/client/types.gen";
import { AttachButton } from "@/features/chat/attachments/attach-button";
import {
  getPending,
  type PendingFile,
  readyFiles,
  setPending,
  toPending,
  usePending,
} from "@/features/chat/attachments/pending";
import { useDrop } from "@/features/chat/attachments/use-drop";
import { withTexts } from "@/i18n/i18n";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";

const Tray = lazy(() => withTexts("files", import("@/features/chat/attachments/tray")));

export type FilesState = "none" | "busy" | "failed" | "ready";

function stateOf(files: PendingFile[]): FilesState {
  if (files.some((one) => one.phase === "failed")) return "failed";
  if (files.some((one) => one.phase === "uploading")) return "busy";
  return files.length > 0 ? "ready" : "none";
}

/** The files of the composer: where they come from, how far they are, and how they leave it. */
export function useComposerFiles(chatId: string, blind: string | null, onChooseModel: () => void) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const files = usePending(chatId);
  /** How many times files were given that are not among them yet. */
  const [adding, setAdding] = useState(0);
  const add = useCallback(
    async (added: File[]) => {
      if (added.length === 0) return;
      document.getElementById("composer")?.focus();
      setAdding((before) => before + 1);
      try {
        const { addFiles } = await import("@/features/chat/attachments/add-files");
        const problem = await addFiles(chatId, added);
        if (problem) showToast(errorText(problem));
      } catch (error) {
        showToast(errorText(error));
      } finally {
        setAdding((before) => before - 1);
      }
    },
    [chatId, errorText],
  );
  const over = useDrop(add);
  const tray = (waiting: boolean): ReactNode =>
    files.length > 0 && (
      <Suspense fallback={<div className="h-17" />}>
        <Tray
          chatId={chatId}
          files={files}
          waiting={waiting}
          blind={blind}
          onChooseModel={onChooseModel}
        />
      </Suspense>
    );
  return {
    state: adding > 0 ? ("busy" as const) : stateOf(files),
    tray,
    button: <AttachButton onFiles={(added) => void add(added)} />,
    dropHint: over && (
      <p className="pointer-events-none fixed inset-3 z-50 flex items-center justify-center rounded-xl border-2 border-accent border-dashed bg-canvas/85 text-lg font-medium">
        {t("attach.drop")}
      </p>
    ),
    onPaste: (event: ClipboardEvent) => {
      const pasted = [...event.clipboardData.files];
      // A table copied from a spreadsheet is text and a picture of it: the text is meant.
      if (pasted.length === 0 || event.clipboardData.types.includes("text/plain")) return;
      event.preventDefault();
      void add(pasted);
    },
    /** They go with a message: the composer lets go of them. */
    take: (): FileInfo[] => {
      const ready = readyFiles(getPending(chatId));
      setPending(chatId, [], false);
      return ready;
    },
    /** They come back from a message that was not sent. */
    putBack: (back: FileInfo[]) => {
      const known = new Set(back.map((file) => file.id));
      const others = getPending(chatId).filter((one) => !known.has(one.info?.id ?? ""));
      setPending(chatId, [...back.map(toPending), ...others]);
    },
  };
}
