import { login, logout, register } from "@/client/sdk.gen";
import type { RegisterRequest } from "@/client/types.gen";
import { http } from "@/lib/api/http";
import { announceSessionEnd, endSession, setToken } from "@/lib/api/session";
import { queryClient } from "@/lib/query-client";

/** Signs in or up; nothing a former user left in the cache survives it. */
export async function signIn(kind: "login" | "register", body: RegisterRequest) {
  const call = kind === "login" ? login : register;
  const { data } = await call({ ...http, body });
  queryClient.clear();
  setToken(data.data.token);
}

/** Signs out here and in every other tab, also when the server cannot be told. */
export async function signOut() {
  await logout(http).catch(() => {});
  announceSessionEnd();
  endSession("signed-out");
}
