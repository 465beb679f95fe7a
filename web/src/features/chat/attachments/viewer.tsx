import { Dialog } from "@base-ui/react/dialog";
import { useTranslation } from "react-i18next";
import type { FileInfo } from "@/client/types.gen";
import { IconButton } from "@/components/ui/icon-button";
import { ChevronLeftIcon, ChevronRightIcon, CloseIcon, DownloadIcon } from "@/components/ui/icons";
import { Spinner } from "@/components/ui/spinner";
import { useFileUrl } from "@/features/chat/attachments/file-source";

/** One picture as large as the window, the others of its message beside it. */
export default function Viewer({
  files,
  file,
  onShow,
  onClose,
}: {
  files: FileInfo[];
  file: FileInfo;
  onShow: (file: FileInfo) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { url, failed } = useFileUrl(file.id, "main");
  const at = files.findIndex((one) => one.id === file.id);
  const step = (by: number) => {
    const next = files[at + by];
    if (next) onShow(next);
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-50 bg-[rgb(12_12_11/0.93)]" />
        <Dialog.Popup
          data-theme="dark"
          onKeyDown={(event) => {
            if (event.key === "ArrowLeft") step(-1);
            if (event.key === "ArrowRight") step(1);
          }}
          className="fixed inset-0 z-50 flex flex-col text-text outline-none pad-safe-t"
        >
          <div className="flex items-center gap-2 p-2.5">
            <Dialog.Title className="min-w-0 flex-1 truncate px-2 text-sm font-medium">
              <bdi>{file.name}</bdi>
            </Dialog.Title>
            {files.length > 1 && (
              <>
                <IconButton
                  label={t("files.previous")}
                  disabled={at === 0}
                  onClick={() => step(-1)}
                >
                  <ChevronLeftIcon />
                </IconButton>
                <span className="text-sm tabular-nums text-text-2">
                  {at + 1}/{files.length}
                </span>
                <IconButton
                  label={t("files.next")}
                  disabled={at === files.length - 1}
                  onClick={() => step(1)}
                >
                  <ChevronRightIcon />
                </IconButton>
              </>
            )}
            {url && (
              <a
                href={url}
                download={file.name}
                aria-label={t("files.download", { name: file.name })}
                title={t("files.download", { name: file.name })}
                className="inline-flex size-8 items-center justify-center rounded-sm text-text-2 hover:bg-hover hover:text-text pointer-coarse:size-10"
              >
                <DownloadIcon />
              </a>
            )}
            <Dialog.Close render={<IconButton label={t("common.close")} />}>
              <CloseIcon />
            </Dialog.Close>
          </div>
          <div className="flex min-h-0 flex-1 items-center justify-center p-4 pt-0">
            {url ? (
              <img src={url} alt={file.name} className="max-h-full max-w-full object-contain" />
            ) : failed ? (
              <p>{t("files.cannotLoad")}</p>
            ) : (
              <Spinner className="text-2xl" />
            )}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
