import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteAccount } from "@/client/sdk.gen";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/dialog-form";
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
  return (
    <Dialog onClose={onClose} title={t("data.deleteTitle")} description={t("data.deleteLead")}>
      <DialogForm
        submit={t("data.deleteConfirm")}
        danger
        busy={remove.isPending}
        ready={password !== ""}
        onSubmit={() => remove.mutate()}
        onClose={onClose}
      >
        <Field
          type="password"
          autoComplete="current-password"
          label={t("auth.password")}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={remove.isError ? errorText(remove.error) : null}
        />
      </DialogForm>
    </Dialog>
  );
}
