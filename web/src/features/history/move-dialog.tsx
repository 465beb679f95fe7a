import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChatInfo } from "@/client/types.gen";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/dialog-form";
import { Field } from "@/components/ui/field";
import { CheckIcon, FolderIcon } from "@/components/ui/icons";
import { arrange } from "@/features/history/arranging";
import { useFolders } from "@/features/history/use-folders";
import { useErrorText } from "@/i18n/use-error-text";
import { createFolder } from "@/lib/api/folders";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { writeStored } from "@/lib/storage";

/** Which folder a chat is in: one there is, a new one, or none. */
export default function MoveDialog({ chat, onClose }: { chat: ChatInfo; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data: folders = [] } = useFolders();
  const [name, setName] = useState("");
  function put(folderId: string | null) {
    if (folderId !== chat.folderId) void arrange(chat, { folderId });
    onClose();
  }
  const make = useMutation({
    mutationFn: createFolder,
    onSuccess: async (folder) => {
      writeStored(`folder-${folder.id}`, "open");
      await queryClient.invalidateQueries({ queryKey: keys.folders });
      put(folder.id);
    },
  });
  const choices = [{ id: null, name: t("folders.none") }, ...folders];
  return (
    <Dialog onClose={onClose} title={t("folders.moveTitle")}>
      <ul className="mt-3 max-h-[40vh] overflow-y-auto">
        {choices.map((folder) => (
          <li key={folder.id}>
            <button
              type="button"
              aria-pressed={chat.folderId === folder.id}
              onClick={() => put(folder.id)}
              className="flex h-9 w-full items-center gap-2.5 rounded-sm -outline-offset-2 px-2.5 text-left text-sm hover:bg-hover pointer-coarse:h-11"
            >
              {folder.id !== null && <FolderIcon className="text-text-2" />}
              <span dir="auto" className="min-w-0 flex-1 truncate">
                {folder.name}
              </span>
              {chat.folderId === folder.id && <CheckIcon className="text-accent-text" />}
            </button>
          </li>
        ))}
      </ul>
      <DialogForm
        submit={t("folders.create")}
        busy={make.isPending}
        ready={name.trim() !== ""}
        className="mt-3 border-t border-line pt-4"
        onSubmit={() => make.mutate(name)}
        onClose={onClose}
      >
        <Field
          label={t("folders.new")}
          value={name}
          maxLength={100}
          onChange={(event) => setName(event.target.value)}
          error={make.isError ? errorText(make.error) : null}
        />
      </DialogForm>
    </Dialog>
  );
}
