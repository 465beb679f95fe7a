import { call } from "@/lib/api/call";
import { announceSessionEnd, endSession, setToken } from "@/lib/api/session";
import type { SignedInUser } from "@/lib/api/shapes";
import { queryClient } from "@/lib/query-client";

export interface Credentials {
  email: string;
  password: string;
  fullName?: string;
}

/** Signs in or up; nothing a former user left in the cache survives it. */
export async function signIn(path: "login" | "register", body: Credentials) {
  const answer = await call<{ token: string; user: SignedInUser }>(
    "POST",
    `/api/auth/${path}`,
    body,
  );
  queryClient.clear();
  setToken(answer.token);
}

/** Signs out here and in every other tab, also when the server cannot be told. */
export async function signOut() {
  await call("POST", "/api/auth/logout").catch(() => {});
  announceSessionEnd();
  endSession("signed-out");
}
