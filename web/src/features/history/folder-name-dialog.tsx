import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FolderInfo } from "@/client/types.gen";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/dialog-form";
import { Field } from "@/components/ui/field";
import { useErrorText } from "@/i18n/use-error-text";
import { patchFolder } from "@/lib/api/folders";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

export function FolderNameDialog({ folder, onClose }: { folder: FolderInfo; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [name, setName] = useState(folder.name);
  const rename = useMutation({
    mutationFn: (next: string) => patchFolder(folder.id, { name: next }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.folders });
      onClose();
    },
  });
  return (
    <Dialog onClose={onClose} title={t("folders.rename")}>
      <DialogForm
        submit={t("common.save")}
        busy={rename.isPending}
        ready={name.trim() !== ""}
        onSubmit={() => rename.mutate(name)}
        onClose={onClose}
      >
        <Field
          label={t("folders.name")}
          value={name}
          maxLength={100}
          autoFocus
          onFocus={(event) => event.target.select()}
          onChange={(event) => setName(event.target.value)}
          error={rename.isError ? errorText(rename.error) : null}
        />
      </DialogForm>
    </Dialog>
  );
}
