import { lazy, Suspense, useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FileInfo } from "@/client/types.gen";
import { blobOf, FileSource, useFileUrl } from "@/features/chat/attachments/file-source";
import { FileIcon } from "@/features/chat/attachments/icons";
import { formatBytes } from "@/i18n/bytes";
import { cn } from "@/lib/cn";
import { showToast } from "@/lib/toasts";

const Viewer = lazy(() => import("@/features/chat/attachments/viewer"));

/** The files of a sent message: pictures to look at, everything else to keep. */
export default function AttachmentList({ files }: { files: FileInfo[] }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<FileInfo | null>(null);
  const images = files.filter((file) => file.kind === "image");
  return (
    <ul
      aria-label={t("files.attached")}
      className="mb-1.5 flex max-w-[min(34rem,88%)] flex-wrap items-end justify-end gap-2"
    >
      {files.map((file) => (
        <li key={file.id} className="min-w-0">
          {file.kind === "image" ? (
            <Picture file={file} alone={images.length === 1} onOpen={() => setShown(file)} />
          ) : (
            <Chip file={file} />
          )}
        </li>
      ))}
      {shown && (
        <Suspense>
          <Viewer files={images} file={shown} onShow={setShown} onClose={() => setShown(null)} />
        </Suspense>
      )}
    </ul>
  );
}

function Picture({ file, alone, onOpen }: { file: FileInfo; alone: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  const { url, failed } = useFileUrl(file.id, "thumbnail");
  // Its place is kept before it is there, so that nothing moves.
  const ratio = `${file.width ?? 4} / ${file.height ?? 3}`;
  return (
    <button
      type="button"
      aria-label={failed ? undefined : t("files.enlarge", { name: file.name })}
      title={file.name}
      onClick={onOpen}
      style={alone ? { aspectRatio: ratio } : undefined}
      className={cn(
        "flex items-center justify-center overflow-hidden rounded-lg border border-line bg-sunken text-text-3 transition-opacity hover:opacity-90",
        alone ? "h-52 max-w-full" : "size-28 sm:size-32",
      )}
    >
      {url ? (
        <img src={url} alt="" className="size-full object-cover" decoding="async" />
      ) : (
        <span className={cn("p-2 text-xs", !failed && "animate-breathe")}>
          {failed ? t("files.noPreview") : <FileIcon kind="image" className="text-xl" />}
        </span>
      )}
    </button>
  );
}

function Chip({ file }: { file: FileInfo }) {
  const { t, i18n } = useTranslation();
  const direct = useContext(FileSource);
  async function keep() {
    try {
      const link = document.createElement("a");
      link.href = direct === null ? await blobOf(file.id, "main") : direct(file.id, "main");
      link.download = file.name;
      link.click();
    } catch {
      showToast(t("files.cannotLoad"));
    }
  }
  return (
    <button
      type="button"
      onClick={() => void keep()}
      title={t("files.download", { name: file.name })}
      className="flex max-w-72 items-center gap-2.5 rounded-lg border border-line bg-raised px-3 py-2 text-left transition-colors hover:bg-hover"
    >
      <FileIcon kind={file.kind} className="text-xl text-text-3" />
      <span className="min-w-0">
        <bdi className="block truncate text-sm font-medium">{file.name}</bdi>
        <span className="block text-xs text-text-3">{formatBytes(i18n.language, file.size)}</span>
      </span>
    </button>
  );
}
