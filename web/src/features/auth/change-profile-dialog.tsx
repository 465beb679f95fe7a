import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { updateMe } from "@/client/sdk.gen";
import type { Profile, UpdateProfileRequest } from "@/client/types.gen";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/dialog-form";
import { Field } from "@/components/ui/field";
import { checkCredentials } from "@/features/auth/check-credentials";
import { EmailField } from "@/features/auth/email-field";
import { PasswordField } from "@/features/auth/password-field";
import { useErrorText } from "@/i18n/use-error-text";
import { toApiError } from "@/lib/api/errors";
import { http } from "@/lib/api/http";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { showToast } from "@/lib/toasts";

export const TITLES = {
  name: "profile.changeName",
  email: "profile.changeEmail",
  password: "profile.changePassword",
} as const;

export type ProfileChange = keyof typeof TITLES;

/** Which field the server's refusal is about. */
const FIELD_OF: Record<string, "value" | "current"> = {
  WRONG_PASSWORD: "current",
  TOO_MANY_ATTEMPTS: "current",
};

/** Changes one thing about the account. What a thief of an open page could use needs the password. */
export function ChangeProfileDialog({
  what,
  me,
  onClose,
}: {
  what: ProfileChange;
  me: Profile;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [value, setValue] = useState(what === "name" ? (me.fullName ?? "") : "");
  const [current, setCurrent] = useState("");
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: async () => {
      const body: UpdateProfileRequest =
        what === "name"
          ? { fullName: value.trim() }
          : { currentPassword: current, [what === "email" ? "email" : "newPassword"]: value };
      return (await updateMe({ ...http, body })).data.data;
    },
    onSuccess: (profile) => {
      queryClient.setQueryData(keys.me, profile);
      showToast(t("common.saved"), undefined, 1600);
      onClose();
    },
  });

  const refused = save.isError ? errorText(save.error) : null;
  const refusedField = FIELD_OF[toApiError(save.error).code] ?? "value";
  const found = checkCredentials(
    "register",
    what === "email" ? value : me.email,
    what === "password" ? value : "long enough",
  );
  const problem = what === "name" ? undefined : found[what];
  const currentMissing = what !== "name" && current === "";
  const error = (field: "value" | "current") => {
    if (refused !== null && refusedField === field) return refused;
    if (!tried) return null;
    if (field === "current") return currentMissing ? t("auth.passwordMissing") : null;
    return problem === undefined ? null : t(problem);
  };

  function onSubmit() {
    setTried(true);
    if (problem === undefined && !currentMissing) save.mutate();
  }
  const edit = (set: (value: string) => void) => (next: string) => {
    save.reset();
    set(next);
  };

  return (
    <Dialog
      onClose={onClose}
      title={t(TITLES[what])}
      description={what === "password" ? t("profile.signsOutOthers") : undefined}
    >
      <DialogForm
        noValidate
        submit={t("common.save")}
        busy={save.isPending}
        onSubmit={onSubmit}
        onClose={onClose}
      >
        {what !== "name" && (
          <PasswordField
            kind="login"
            label={t("profile.currentPassword")}
            value={current}
            error={error("current")}
            onChange={edit(setCurrent)}
          />
        )}
        {what === "password" && (
          <PasswordField
            kind="register"
            label={t("profile.newPassword")}
            value={value}
            error={error("value")}
            onChange={edit(setValue)}
          />
        )}
        {what === "email" && (
          <EmailField
            label={t("profile.newEmail")}
            value={value}
            error={error("value")}
            onChange={edit(setValue)}
          />
        )}
        {what === "name" && (
          <Field
            label={t("profile.name")}
            autoComplete="name"
            autoFocus
            maxLength={255}
            value={value}
            error={error("value")}
            onChange={(event) => edit(setValue)(event.target.value)}
          />
        )}
      </DialogForm>
    </Dialog>
  );
}
