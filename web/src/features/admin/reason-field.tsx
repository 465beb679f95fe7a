import { useTranslation } from "react-i18next";
import { Field } from "@/components/ui/field";
import { useErrorText } from "@/i18n/use-error-text";

/** Why an operator does it, for the audit log; stands last, so what went wrong is said beneath it. */
export function ReasonField({
  value,
  error,
  onChange,
}: {
  value: string;
  /** Of the deed itself. */
  error: unknown;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return (
    <Field
      label={t("admin.refund.reason")}
      hint={t("admin.refund.reasonHint")}
      error={error ? errorText(error) : null}
      value={value}
      maxLength={250}
      required
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
