import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PaymentDetail } from "@/client/types.gen";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/dialog-form";
import { Field } from "@/components/ui/field";
import { parseAmount } from "@/features/admin/amount";
import { useFormat } from "@/features/admin/format";
import { useRefund } from "@/features/admin/queries";
import { ReasonField } from "@/features/admin/reason-field";
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

  function submit() {
    if (amount === null) return;
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
      onClose={onClose}
      title={t("admin.refund.title")}
      description={t(whole ? "admin.refund.whole" : "admin.refund.part")}
    >
      <DialogForm
        submit={t("admin.refund.give", { amount: fits ? format.money(amount) : "" })}
        danger
        busy={refund.isPending}
        ready={fits && reason.trim() !== ""}
        onSubmit={submit}
        onClose={onClose}
      >
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
        <ReasonField value={reason} error={refund.error} onChange={setReason} />
      </DialogForm>
    </Dialog>
  );
}
