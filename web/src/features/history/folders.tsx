import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FolderInfo } from "@/client/types.gen";
import { EndSentinel } from "@/components/ui/end-sentinel";
import { IconButton } from "@/components/ui/icon-button";
import {
  ArrowDownIcon,
  ArrowUpIcon,
  ChevronDownIcon,
  FolderIcon,
  MoreIcon,
  PenIcon,
  TrashIcon,
} from "@/components/ui/icons";
import { Menu, MenuItem } from "@/components/ui/menu";
import { arrange } from "@/features/history/arranging";
import { dropTarget } from "@/features/history/dragging";
import { FolderNameDialog } from "@/features/history/folder-name-dialog";
import { Rows } from "@/features/history/rows";
import { useChatList } from "@/features/history/use-chat-list";
import { useErrorText } from "@/i18n/use-error-text";
import { deleteFolder, patchFolder } from "@/lib/api/folders";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { readStored, writeStored } from "@/lib/storage";
import { showToast } from "@/lib/toasts";

/** The folders, each opened and closed as it was left. */
export default function Folders({ folders }: { folders: FolderInfo[] }) {
  const { t } = useTranslation();
  return (
    <section className="mb-3" aria-label={t("folders.title")}>
      <h2 className="px-2.5 pt-1 pb-1.5 text-xs font-medium text-text-3">{t("folders.title")}</h2>
      {folders.map((folder, at) => (
        <Folder key={folder.id} folder={folder} last={at === folders.length - 1} />
      ))}
    </section>
  );
}

function Folder({ folder, last }: { folder: FolderInfo; last: boolean }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const stored = `folder-${folder.id}`;
  const [open, setOpen] = useState(() => readStored(stored) === "open");
  const [naming, setNaming] = useState(false);
  function toggle() {
    writeStored(stored, open ? null : "open");
    setOpen(!open);
  }
  async function change(work: Promise<unknown>) {
    try {
      await work;
    } catch (error) {
      showToast(errorText(error));
    }
    void queryClient.invalidateQueries({ queryKey: keys.folders });
  }
  async function remove() {
    await change(deleteFolder(folder.id));
    writeStored(stored, null);
    void queryClient.invalidateQueries({ queryKey: keys.chats });
    showToast(t("folders.deleted"));
  }
  return (
    <div
      {...dropTarget((chat) => void arrange(chat, { folderId: folder.id }))}
      className="drop-place rounded-md"
    >
      <div className="group relative">
        <button
          type="button"
          aria-expanded={open}
          onClick={toggle}
          className="flex h-(--row-chat) w-full items-center gap-2 rounded-sm -outline-offset-2 px-2.5 pr-9 text-left text-sm text-text-2 hover:bg-hover hover:text-text pointer-coarse:h-11 pointer-coarse:pr-11"
        >
          <FolderIcon className="text-text-3" />
          <span dir="auto" className="truncate">
            {folder.name}
          </span>
          <ChevronDownIcon
            className={`text-text-3 transition-transform duration-120 ${open ? "" : "-rotate-90"}`}
          />
        </button>
        <div className="absolute inset-y-0 right-0.5 flex items-center opacity-0 focus-within:opacity-100 group-hover:opacity-100 has-data-popup-open:opacity-100 pointer-coarse:opacity-100">
          <Menu
            align="end"
            trigger={
              <IconButton
                label={t("folders.actions", { name: folder.name })}
                className="-outline-offset-2"
              >
                <MoreIcon />
              </IconButton>
            }
          >
            <MenuItem icon={<PenIcon />} onSelect={() => setNaming(true)}>
              {t("history.rename")}
            </MenuItem>
            {folder.position > 0 && (
              <MenuItem
                icon={<ArrowUpIcon />}
                onSelect={() =>
                  void change(patchFolder(folder.id, { position: folder.position - 1 }))
                }
              >
                {t("folders.up")}
              </MenuItem>
            )}
            {!last && (
              <MenuItem
                icon={<ArrowDownIcon />}
                onSelect={() =>
                  void change(patchFolder(folder.id, { position: folder.position + 1 }))
                }
              >
                {t("folders.down")}
              </MenuItem>
            )}
            <MenuItem icon={<TrashIcon />} danger onSelect={() => void remove()}>
              {t("folders.delete")}
            </MenuItem>
          </Menu>
        </div>
      </div>
      {open && <FolderChats folder={folder} />}
      {naming && <FolderNameDialog folder={folder} onClose={() => setNaming(false)} />}
    </div>
  );
}

function FolderChats({ folder }: { folder: FolderInfo }) {
  const { t } = useTranslation();
  const { chats, more, busy, loadMore, isPending } = useChatList(`folder:${folder.id}`);
  return (
    <div className="ml-4 border-l border-line pl-1">
      {!isPending && chats.length === 0 && (
        <p className="px-2.5 py-2 text-xs text-text-3">{t("folders.empty")}</p>
      )}
      <Rows chats={chats} label={folder.name} />
      {more && <EndSentinel busy={busy} onReach={loadMore} />}
    </div>
  );
}
