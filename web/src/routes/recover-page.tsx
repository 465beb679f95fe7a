import { useMutation } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { forgotPassword, resetPassword } from "@/client/sdk.gen";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { checkCredentials } from "@/features/auth/check-credentials";
import { EmailField } from "@/features/auth/email-field";
import { PasswordField } from "@/features/auth/password-field";
import { signIn } from "@/features/auth/sign-in";
import { useTypedAddress } from "@/features/auth/use-typed-address";
import type { Language } from "@/i18n/i18n";
import { useErrorText } from "@/i18n/use-error-text";
import { http } from "@/lib/api/http";
import { brand } from "@/lib/brand";
import { mailing, supportEmail } from "@/lib/operator";
import { usePageDescription } from "@/lib/use-page-description";
import { AuthPage, LINK } from "@/routes/auth-pages";

/** The way back in for whoever has forgotten the password. The letter's link comes here with its token behind the #. */
export default function RecoverPage() {
  const { t } = useTranslation();
  usePageDescription(t("recover.description", { brand }));
  const token = useLocation({ select: ({ hash }) => hash });
  if (token !== "") return <ChoosePassword key={token} token={token} />;
  return mailing ? <AskForLink /> : <AskSomebody />;
}

/** Letters are not sent here: a person has to help. */
function AskSomebody() {
  const { t } = useTranslation();
  return (
    <AuthPage
      title={t("recover.title")}
      lead={t(supportEmail ? "recover.askSupport" : "recover.askOperator")}
    >
      {supportEmail && (
        <p className="mb-6">
          <a href={`mailto:${supportEmail}`} className={LINK}>
            {supportEmail}
          </a>
        </p>
      )}
      <BackToLogin />
    </AuthPage>
  );
}

function AskForLink() {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const [email, setEmail] = useTypedAddress();
  const [tried, setTried] = useState(false);
  const problem = checkCredentials("login", email, "any").email;
  const ask = useMutation({
    mutationFn: () =>
      forgotPassword({
        ...http,
        body: { email: email.trim(), language: i18n.language as Language },
      }),
  });
  if (ask.isSuccess)
    return (
      <AuthPage
        title={t("recover.sentTitle")}
        lead={t("recover.sentLead", { email: email.trim() })}
      >
        <p role="status" className="mb-6 text-sm text-text-2">
          {t("recover.sentHint")}
        </p>
        <BackToLogin />
      </AuthPage>
    );
  return (
    <AuthPage title={t("recover.title")} lead={t("recover.lead")}>
      <Form
        onSubmit={() => {
          setTried(true);
          if (problem === undefined && !ask.isPending) ask.mutate();
        }}
      >
        {ask.isError && <Notice>{errorText(ask.error)}</Notice>}
        <EmailField
          autoFocus
          value={email}
          error={tried && problem !== undefined ? t(problem) : null}
          onChange={setEmail}
        />
        <Button type="submit" variant="primary" busy={ask.isPending} className="mt-1 h-11">
          {t("recover.send")}
        </Button>
        <BackToLogin />
      </Form>
    </AuthPage>
  );
}

function ChoosePassword({ token }: { token: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const problem = checkCredentials("register", "any@example.com", password).password;
  const change = useMutation({
    mutationFn: async () => {
      const { data } = await resetPassword({ ...http, body: { token, password } });
      await signIn("login", { email: data.data.email, password });
    },
    onSuccess: () => void navigate({ to: "/", replace: true }),
  });
  return (
    <AuthPage title={t("recover.chooseTitle")} lead={t("recover.chooseLead")}>
      <Form
        onSubmit={() => {
          setTried(true);
          if (problem === undefined && !change.isPending) change.mutate();
        }}
      >
        {change.isError && (
          <Notice
            actions={
              <Link to="/recover" className={LINK}>
                {t("recover.again")}
              </Link>
            }
          >
            {errorText(change.error)}
          </Notice>
        )}
        <PasswordField
          kind="register"
          label={t("profile.newPassword")}
          value={password}
          error={tried && problem !== undefined ? t(problem) : null}
          onChange={setPassword}
        />
        <Button type="submit" variant="primary" busy={change.isPending} className="mt-1 h-11">
          {t("recover.choose")}
        </Button>
      </Form>
    </AuthPage>
  );
}

function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit();
      }}
      className="flex flex-col gap-4"
    >
      {children}
    </form>
  );
}

function BackToLogin() {
  const { t } = useTranslation();
  return (
    <p className="text-center text-sm">
      <Link to="/login" className={LINK}>
        {t("recover.back")}
      </Link>
    </p>
  );
}
