import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { checkCredentials, type FieldProblems } from "@/features/auth/check-credentials";
import { EmailField } from "@/features/auth/email-field";
import { PasswordField } from "@/features/auth/password-field";
import { signIn } from "@/features/auth/sign-in";
import { forgetTypedAddress, useTypedAddress } from "@/features/auth/use-typed-address";
import { useErrorText } from "@/i18n/use-error-text";
import { ApiError } from "@/lib/api/errors";

export interface AuthFormProps {
  kind: "login" | "register";
  onDone: () => void;
  /** Where the other form is. */
  other: ReactNode;
  /** Said above the form, for example that the session has ended. */
  note?: string | null;
}

/** Fields the server itself has named. */
function refusedFields(error: unknown): FieldProblems {
  if (!(error instanceof ApiError)) return {};
  const names = error.details.fields?.map((one) => one.field.split(".").at(-1)) ?? [];
  return Object.fromEntries(names.map((name) => [name, "auth.fieldInvalid"]));
}

export function AuthForm({ kind, onDone, other, note }: AuthFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [email, setEmail] = useTypedAddress();
  const [password, setPassword] = useState("");
  const [fullName, setFullName] = useState("");
  const [problems, setProblems] = useState<FieldProblems>({});

  const submit = useMutation({
    mutationFn: () =>
      signIn(kind, {
        email: email.trim(),
        password,
        ...(fullName.trim() !== "" && { fullName: fullName.trim() }),
      }),
    onSuccess: () => {
      forgetTypedAddress();
      onDone();
    },
    onError: (error) => setProblems(refusedFields(error)),
  });

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (submit.isPending) return;
    const found = checkCredentials(kind, email, password);
    setProblems(found);
    const first = Object.keys(found)[0];
    if (first === undefined) submit.mutate();
    else event.currentTarget.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
  }
  const problem = (name: keyof FieldProblems) => {
    const key = problems[name];
    return key === undefined ? null : t(key);
  };

  return (
    <form onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
      {note && !submit.isError && <Notice tone="neutral">{note}</Notice>}
      {submit.isError && <Notice>{errorText(submit.error)}</Notice>}
      {kind === "register" && (
        <Field
          label={t("auth.fullName")}
          hint={t("auth.fullNameHint")}
          error={problem("fullName")}
          name="fullName"
          autoComplete="name"
          autoFocus
          maxLength={255}
          value={fullName}
          onChange={(event) => setFullName(event.target.value)}
        />
      )}
      <EmailField
        error={problem("email")}
        autoFocus={kind === "login"}
        value={email}
        onChange={setEmail}
      />
      <PasswordField
        kind={kind}
        error={problem("password")}
        value={password}
        onChange={setPassword}
      />
      <Button type="submit" variant="primary" busy={submit.isPending} className="mt-1 h-11">
        {t(kind === "login" ? "auth.login" : "auth.register")}
      </Button>
      <div className="flex flex-col gap-2.5 text-center text-sm text-text-2">{other}</div>
    </form>
  );
}
