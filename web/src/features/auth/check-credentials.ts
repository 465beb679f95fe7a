export type FieldProblem =
  | "auth.emailMissing"
  | "auth.emailWrong"
  | "auth.passwordMissing"
  | "auth.passwordShort"
  | "auth.fieldInvalid";

export type FieldProblems = Partial<Record<"fullName" | "email" | "password", FieldProblem>>;

/** What can be said before the server is asked. The server stays the judge. */
export function checkCredentials(
  kind: "login" | "register",
  email: string,
  password: string,
): FieldProblems {
  const problems: FieldProblems = {};
  const address = email.trim();
  if (address === "") problems.email = "auth.emailMissing";
  else if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)) problems.email = "auth.emailWrong";
  if (kind === "register") {
    if ([...password].length < 8) problems.password = "auth.passwordShort";
  } else if (password === "") problems.password = "auth.passwordMissing";
  return problems;
}
