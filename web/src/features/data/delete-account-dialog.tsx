import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteAccount } from "@/client/sdk.gen";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { useErrorText } from "@/i18n/use-error-text";
import { http } from "@/lib/api/http";

/** The last question before an account is gone. */
export function DeleteAccountDialog({
  onClose,
  onDeleted,
}: {
  onClose: () => void;
  onDeleted: () => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [password, setPassword] = useState("");
  const remove = useMutation({
    mutationFn: async () => {
      await deleteAccount({ ...http, body: { password } });
    },
    onSuccess: onDeleted,
  });
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (password !== "" && !remove.isPending) remove.mutate();
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("data.deleteTitle")}
      description={t("data.deleteLead")}
    >
      <form onSubmit={onSubmit}>
        <Field
          className="mt-4"
          type="password"
          autoComplete="current-password"
          label={t("auth.password")}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={remove.isError ? errorText(remove.error) : null}
        />
        <DialogActions>
          <Button variant="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" variant="danger" busy={remove.isPending} disabled={password === ""}>
            {t("data.deleteConfirm")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
