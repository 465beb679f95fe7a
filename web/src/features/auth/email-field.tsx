import { useTranslation } from "react-i18next";
import { Field } from "@/components/ui/field";

export function EmailField({
  label,
  value,
  error,
  autoFocus,
  onChange,
}: {
  /** Where it is not simply the address. */
  label?: string;
  value: string;
  error: string | null;
  autoFocus?: boolean;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Field
      label={label ?? t("auth.email")}
      error={error}
      name="email"
      type="email"
      inputMode="email"
      autoComplete="email"
      autoCapitalize="none"
      spellCheck={false}
      autoFocus={autoFocus}
      maxLength={255}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
