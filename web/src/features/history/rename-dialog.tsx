import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChatInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { useErrorText } from "@/i18n/use-error-text";
import { patchChat } from "@/lib/api/chats";
import { patchCachedChat } from "@/lib/chat-cache";

export function RenameDialog({ chat, onClose }: { chat: ChatInfo; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [title, setTitle] = useState(chat.title);
  const rename = useMutation({
    mutationFn: (next: string) => patchChat(chat.id, { title: next }),
    onSuccess: (saved) => {
      patchCachedChat(chat.id, { title: saved.title });
      onClose();
    },
  });
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const next = title.trim();
    if (next === "" || next === chat.title) onClose();
    else rename.mutate(next);
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("history.rename")}>
      <form onSubmit={onSubmit} className="mt-4">
        <Field
          label={t("history.renameTitle")}
          value={title}
          maxLength={255}
          autoFocus
          onFocus={(event) => event.target.select()}
          onChange={(event) => setTitle(event.target.value)}
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
