import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { AlertIcon, CloseIcon, RetryIcon } from "@/components/ui/icons";
import { removeFile, retryFile } from "@/features/chat/attachments/add-files";
import { useFileUrl } from "@/features/chat/attachments/file-source";
import { FileIcon } from "@/features/chat/attachments/icons";
import type { PendingFile } from "@/features/chat/attachments/pending";
import { formatBytes } from "@/i18n/bytes";
import { useErrorText } from "@/i18n/use-error-text";
import { cn } from "@/lib/cn";

/** The files that go with the next message, with how far each has come. */
export default function Tray({
  chatId,
  files,
  waiting,
  blind,
  onChooseModel,
}: {
  chatId: string;
  files: PendingFile[];
  /** The message goes as soon as they are there. */
  waiting: boolean;
  /** The model that would be asked, where it sees no images. */
  blind: string | null;
  onChooseModel: () => void;
}) {
  const { t } = useTranslation();
  const uploading = files.filter((one) => one.phase === "uploading").length;
  const unseen = blind !== null && files.some(isPicture);
  return (
    <div className="px-3 pt-3">
      <ul aria-label={t("files.pending")} className="flex flex-wrap gap-2">
        {files.map((one) => (
          <Item key={one.key} chatId={chatId} file={one} />
        ))}
      </ul>
      {unseen && (
        <p role="status" className="mt-2 flex flex-wrap items-center gap-x-2 text-sm text-warn">
          <AlertIcon />
          <span>{t("files.blind", { name: blind })}</span>
          <button
            type="button"
            onClick={onChooseModel}
            className="min-h-6 rounded-sm font-medium underline underline-offset-2 hover:text-text pointer-coarse:min-h-10"
          >
            {t("chat.chooseModel")}
          </button>
        </p>
      )}
      {waiting && (
        <p role="status" className="animate-appear mt-2 text-sm text-text-2">
          {t("files.sendsSoon")}
        </p>
      )}
      <p role="status" className="sr-only">
        {uploading > 0 ? t("files.uploadingCount", { count: uploading }) : t("files.allReady")}
      </p>
    </div>
  );
}

const isPicture = (one: PendingFile) =>
  one.info ? one.info.kind === "image" : (one.file?.type.startsWith("image/") ?? false);

function Item({ chatId, file }: { chatId: string; file: PendingFile }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const failed = file.phase === "failed";
  const kind = file.info?.kind ?? (isPicture(file) ? "image" : "text");
  return (
    <li
      className={cn(
        "animate-appear relative flex min-h-14 max-w-full items-center gap-2.5 overflow-hidden rounded-lg border bg-canvas pr-1",
        failed ? "border-danger py-1.5" : "h-14 sm:max-w-64 border-line",
      )}
    >
      {kind === "image" && !failed ? (
        <Preview file={file} />
      ) : (
        <span className="flex size-10 shrink-0 items-center justify-center pl-2 text-xl text-text-3">
          {failed ? <AlertIcon className="text-danger" /> : <FileIcon kind={kind} />}
        </span>
      )}
      <span className="min-w-0 flex-1">
        <bdi className="block truncate text-sm font-medium" title={file.name}>
          {file.name}
        </bdi>
        <span className={cn("block text-xs", failed ? "text-danger" : "truncate text-text-3")}>
          {failed && file.error
            ? errorText(file.error)
            : file.phase === "uploading"
              ? t(file.progress < 1 ? "files.uploading" : "files.looking", {
                  percent: Math.round(file.progress * 100),
                })
              : formatBytes(i18n.language, file.size)}
        </span>
      </span>
      {failed && file.file && (
        <IconButton
          label={t("files.retry", { name: file.name })}
          onClick={() => retryFile(chatId, file)}
        >
          <RetryIcon />
        </IconButton>
      )}
      <IconButton
        label={t(file.phase === "uploading" ? "files.cancel" : "files.remove", { name: file.name })}
        onClick={() => removeFile(chatId, file)}
      >
        <CloseIcon />
      </IconButton>
      {file.phase === "uploading" && (
        <span
          aria-hidden="true"
          style={{ scale: `${Math.max(0.03, file.progress)} 1` }}
          className="absolute inset-x-0 bottom-0 h-0.5 origin-left bg-accent transition-[scale] duration-150"
        />
      )}
    </li>
  );
}

/** The picture itself while it is on its way, the server's thumbnail where only that is known. */
function Preview({ file }: { file: PendingFile }) {
  const [own, setOwn] = useState<string | null>(null);
  useEffect(() => {
    if (file.file === null) return;
    const url = URL.createObjectURL(file.file);
    setOwn(url);
    return () => URL.revokeObjectURL(url);
  }, [file.file]);
  if (file.file === null && file.info) return <Stored id={file.info.id} />;
  return <Square url={own} />;
}

function Stored({ id }: { id: string }) {
  return <Square url={useFileUrl(id, "thumbnail").url} />;
}

function Square({ url }: { url: string | null }) {
  return (
    <span className="size-14 shrink-0 bg-sunken">
      {url && <img src={url} alt="" className="size-full object-cover" />}
    </span>
  );
}
