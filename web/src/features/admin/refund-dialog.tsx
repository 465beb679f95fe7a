import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PaymentDetail } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { parseAmount } from "@/features/admin/amount";
import { useFormat } from "@/features/admin/format";
import { useRefund } from "@/features/admin/queries";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";
import { uuid } from "@/lib/uuid";

/** All that is left of a payment, or a part of it. However often the button is pressed, it goes back once. */
export function RefundDialog({
  payment,
  onClose,
}: {
  payment: PaymentDetail;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const format = useFormat();
  const refund = useRefund(payment.id);
  const [requestId] = useState(uuid);
  const [text, setText] = useState(String(payment.refundable));
  const [reason, setReason] = useState("");
  const amount = parseAmount(text);
  const left = amount === null ? 0 : Math.round((payment.refundable - amount) * 100) / 100;
  // The provider gives back no less than a rouble, so nothing smaller may be left either.
  const fits = amount !== null && amount >= 1 && (left === 0 || left >= 1);
  const whole =
    amount === payment.refundable && payment.refunded + payment.refundable === payment.amount;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!fits || amount === null || reason.trim() === "" || refund.isPending) return;
    refund.mutate(
      { amount, reason: reason.trim(), requestId },
      {
        onSuccess: () => {
          showToast(t("admin.refund.done", { amount: format.money(amount) }));
          onClose();
        },
      },
    );
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("admin.refund.title")}
      description={t(whole ? "admin.refund.whole" : "admin.refund.part")}
    >
      <form onSubmit={submit} className="mt-4 grid gap-4">
        <Field
          label={t("admin.refund.amount")}
          hint={t("admin.refund.left", { amount: format.money(payment.refundable) })}
          error={
            fits ? null : t("admin.refund.tooMuch", { amount: format.money(payment.refundable) })
          }
          inputMode="decimal"
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
          error={refund.isError ? errorText(refund.error) : null}
        />
        <DialogActions>
          <Button variant="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            type="submit"
            variant="danger"
            busy={refund.isPending}
            disabled={!fits || reason.trim() === ""}
          >
            {t("admin.refund.give", {
              amount: fits && amount !== null ? format.money(amount) : "",
            })}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
