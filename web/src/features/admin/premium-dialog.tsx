import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserDetail } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { parseWhole } from "@/features/admin/amount";
import { useGivePremium } from "@/features/admin/queries";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";

/** Premium as a present: some days, or for ever. */
export function PremiumDialog({ user, onClose }: { user: UserDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const give = useGivePremium(user.id);
  const [text, setText] = useState("30");
  const [reason, setReason] = useState("");
  const forEver = text.trim() === "";
  const days = parseWhole(text, 1);
  const fits = forEver || (days !== null && days <= 36_600);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!fits || reason.trim() === "" || give.isPending) return;
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
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("admin.users.give")}
      description={user.email}
    >
      <form onSubmit={submit} className="mt-4 grid gap-4">
        <Field
          label={t("admin.users.days")}
          hint={t("admin.users.daysHint")}
          error={fits ? null : t("admin.users.daysWrong")}
          inputMode="numeric"
          value={text}
          autoFocus
          onChange={(event) => setText(event.target.value)}
        />
        <Field
          label={t("admin.refund.reason")}
          hint={t("admin.refund.reasonHint")}
          value={reason}
          maxLength={250}
          required
          onChange={(event) => setReason(event.target.value)}
          error={give.isError ? errorText(give.error) : null}
        />
        <DialogActions>
          <Button variant="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            type="submit"
            variant="primary"
            busy={give.isPending}
            disabled={!fits || reason.trim() === ""}
          >
            {t("admin.users.give")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
