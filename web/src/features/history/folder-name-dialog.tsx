import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FolderInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
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
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (name.trim() !== "") rename.mutate(name);
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("folders.rename")}>
      <form onSubmit={onSubmit} className="mt-4">
        <Field
          label={t("folders.name")}
          value={name}
          maxLength={100}
          autoFocus
          onFocus={(event) => event.target.select()}
          onChange={(event) => setName(event.target.value)}
          error={rename.isError ? errorText(rename.error) : null}
        />
        <DialogActions>
          <Button variant="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" variant="primary" busy={rename.isPending}>
            {t("common.save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
