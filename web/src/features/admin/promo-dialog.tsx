import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/dialog-form";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { parseWhole } from "@/features/admin/amount";
import { useAddPromo } from "@/features/admin/queries";
import { useErrorText } from "@/i18n/use-error-text";

const BLANK = { code: "", percent: "", amount: "", days: "", uses: "", until: "", period: "" };

/** A new promo code: cheaper, or some days for nothing. */
export function PromoDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const add = useAddPromo();
  const [form, setForm] = useState(BLANK);
  const number = (text: string) => (text.trim() === "" ? 0 : parseWhole(text));
  const percent = number(form.percent);
  const amount = number(form.amount);
  const days = number(form.days);
  const uses = form.uses.trim() === "" ? null : parseWhole(form.uses, 1);
  const percentFits = percent !== null && percent <= 100;
  const usesFit = form.uses.trim() === "" || uses !== null;
  const fits =
    form.code.trim() !== "" &&
    percentFits &&
    amount !== null &&
    days !== null &&
    usesFit &&
    percent + amount + days > 0;

  const field = (name: keyof typeof BLANK) => ({
    value: form[name],
    onChange: (event: { target: { value: string } }) =>
      setForm({ ...form, [name]: event.target.value }),
  });

  function submit() {
    if (percent === null || amount === null || days === null) return;
    add.mutate(
      {
        code: form.code.trim(),
        percentOff: percent,
        amountOff: amount,
        freeDays: days,
        maxUses: uses,
        period: form.period === "month" || form.period === "year" ? form.period : null,
        expiresAt: form.until === "" ? null : new Date(`${form.until}T23:59:59`).toISOString(),
      },
      { onSuccess: onClose },
    );
  }

  return (
    <Dialog onClose={onClose} title={t("admin.promo.add")} description={t("admin.promo.addLead")}>
      <DialogForm
        submit={t("admin.promo.add")}
        busy={add.isPending}
        ready={fits}
        onSubmit={submit}
        onClose={onClose}
      >
        <Field
          label={t("admin.promo.code")}
          maxLength={40}
          autoComplete="off"
          autoFocus
          {...field("code")}
          error={add.isError ? errorText(add.error) : null}
        />
        <div className="grid grid-cols-3 gap-3">
          <Field
            label={t("admin.promo.percent")}
            inputMode="numeric"
            error={percentFits ? null : t("admin.promo.wrong")}
            {...field("percent")}
          />
          <Field
            label={t("admin.promo.amount")}
            inputMode="numeric"
            error={amount === null ? t("admin.promo.wrong") : null}
            {...field("amount")}
          />
          <Field
            label={t("admin.promo.free")}
            inputMode="numeric"
            error={days === null ? t("admin.promo.wrong") : null}
            {...field("days")}
          />
        </div>
        <div className="grid grid-cols-2 gap-3">
          <Field
            label={t("admin.promo.most")}
            hint={t("admin.promo.mostHint")}
            inputMode="numeric"
            error={usesFit ? null : t("admin.promo.wrong")}
            {...field("uses")}
          />
          <Field
            label={t("admin.promo.until")}
            hint={t("admin.promo.untilHint")}
            type="date"
            {...field("until")}
          />
        </div>
        <Select label={t("admin.subscription.period")} className="w-full" {...field("period")}>
          <option value="">{t("admin.promo.anyPeriod")}</option>
          <option value="month">{t("admin.promo.onlyMonth")}</option>
          <option value="year">{t("admin.promo.onlyYear")}</option>
        </Select>
      </DialogForm>
    </Dialog>
  );
}
