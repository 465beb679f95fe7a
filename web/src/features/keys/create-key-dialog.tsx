import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/dialog-form";
import { Field } from "@/components/ui/field";
import { useCreateKey } from "@/features/keys/use-keys";
import { useErrorText } from "@/i18n/use-error-text";

/** Names a key, then shows it: the only time anybody sees it. */
export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [name, setName] = useState("");
  const create = useCreateKey();
  const created = create.data;
  return (
    <Dialog
      onClose={onClose}
      title={t(created ? "keys.createdTitle" : "keys.create")}
      description={created ? t("keys.shownOnce") : undefined}
    >
      {created ? (
        <>
          <div className="mt-4 flex items-center gap-1 rounded-md border border-line bg-sunken py-1 pr-1 pl-3">
            <code className="min-w-0 flex-1 font-mono text-sm wrap-anywhere">{created.key}</code>
            <CopyButton text={created.key} label={t("keys.copy")} />
          </div>
          <DialogActions>
            <Button variant="primary" onClick={onClose}>
              {t("common.done")}
            </Button>
          </DialogActions>
        </>
      ) : (
        <DialogForm
          submit={t("keys.create")}
          busy={create.isPending}
          ready={name.trim() !== ""}
          onSubmit={() => create.mutate(name.trim())}
          onClose={onClose}
        >
          <Field
            label={t("keys.name")}
            hint={t("keys.nameHint")}
            value={name}
            maxLength={100}
            autoFocus
            onChange={(event) => setName(event.target.value)}
            error={create.isError ? errorText(create.error) : null}
          />
        </DialogForm>
      )}
    </Dialog>
  );
}
