import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserDetail } from "@/client/types.gen";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/dialog-form";
import { Field } from "@/components/ui/field";
import { parseWhole } from "@/features/admin/amount";
import { useGivePremium } from "@/features/admin/queries";
import { ReasonField } from "@/features/admin/reason-field";
import { showToast } from "@/lib/toasts";

/** Premium as a present: some days, or for ever. */
export function PremiumDialog({ user, onClose }: { user: UserDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const give = useGivePremium(user.id);
  const [text, setText] = useState("30");
  const [reason, setReason] = useState("");
  const forEver = text.trim() === "";
  const days = parseWhole(text, 1);
  const fits = forEver || (days !== null && days <= 36_600);

  function submit() {
    give.mutate(
      { days: forEver ? null : days, reason: reason.trim() },
      {
        onSuccess: () => {
          showToast(t("admin.users.given"));
          onClose();
        },
      },
    );
  }

  return (
    <Dialog onClose={onClose} title={t("admin.users.give")} description={user.email}>
      <DialogForm
        submit={t("admin.users.give")}
        busy={give.isPending}
        ready={fits && reason.trim() !== ""}
        onSubmit={submit}
        onClose={onClose}
      >
        <Field
          label={t("admin.users.days")}
          hint={t("admin.users.daysHint")}
          error={fits ? null : t("admin.users.daysWrong")}
          inputMode="numeric"
          value={text}
          autoFocus
          onChange={(event) => setText(event.target.value)}
        />
        <ReasonField value={reason} error={give.error} onChange={setReason} />
      </DialogForm>
    </Dialog>
  );
}
