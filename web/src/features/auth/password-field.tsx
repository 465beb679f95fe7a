import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { EyeIcon, EyeOffIcon } from "@/components/ui/icons";

export function PasswordField({
  kind,
  label,
  value,
  error,
  onChange,
}: {
  kind: "login" | "register";
  /** Where it is not simply the password. */
  label?: string;
  value: string;
  error: string | null;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <Field
      label={label ?? t("auth.password")}
      hint={kind === "register" ? t("auth.passwordHint") : undefined}
      error={error}
      name="password"
      type={shown ? "text" : "password"}
      autoComplete={kind === "login" ? "current-password" : "new-password"}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      after={
        <IconButton
          label={t(shown ? "auth.hidePassword" : "auth.showPassword")}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOffIcon /> : <EyeIcon />}
        </IconButton>
      }
    />
  );
}
