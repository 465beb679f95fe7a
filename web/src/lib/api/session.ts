import { broadcast } from "@/lib/broadcast";

/**
 * The access token of this tab. It lives in memory only: a script that got into the page could read
 * localStorage, and the refresh cookie is out of its reach.
 */
let token: string | null = null;
let refreshing: Promise<RefreshOutcome> | null = null;
const listeners = new Set<(reason: EndReason) => void>();

export type EndReason = "signed-out" | "expired";

export const getToken = () => token;

export function setToken(next: string | null) {
  token = next;
}

/** Called when the user signed out, here or in another tab, or the session cannot be renewed. */
export function onSessionEnd(listener: (reason: EndReason) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function endSession(reason: EndReason) {
  token = null;
  for (const listener of listeners) listener(reason);
}

/** Signs this tab out, and every other tab of the same browser with it. */
export function announceSessionEnd() {
  broadcast({ type: "session-end" });
}

export type RefreshOutcome = "renewed" | "refused" | "unreachable";

async function askForToken(): Promise<RefreshOutcome> {
  let response: Response;
  try {
    response = await fetch("/api/auth/refresh", {
      method: "POST",
      headers: { "X-Client": "web" },
      credentials: "same-origin",
    });
  } catch {
    return "unreachable";
  }
  if (response.status >= 500 || response.status === 429) return "unreachable";
  if (!response.ok) return "refused";
  const body: { data?: { token?: string } } = await response.json().catch(() => ({}));
  token = body.data?.token ?? null;
  return token === null ? "refused" : "renewed";
}

/**
 * One tab after the other: each call replaces the cookie they share, and one that comes with a cookie replaced twice would
 * look like a thief's and end the session. Browsers without locks take the small risk.
 */
function inTurn(call: () => Promise<RefreshOutcome>): Promise<RefreshOutcome> {
  return navigator.locks === undefined ? call() : navigator.locks.request("refresh-token", call);
}

/** Whoever needs a new token at the same time shares one call. */
function refreshOnce(): Promise<RefreshOutcome> {
  refreshing ??= inTurn(askForToken).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Replaces a token the server has refused. False when there is no session any more, or no server. */
export async function renew(refused: string | null): Promise<boolean> {
  // Another request has renewed it while this one was on its way.
  if (token !== null && token !== refused) return true;
  const outcome = await refreshOnce();
  if (outcome === "refused" && token === refused) endSession("expired");
  return outcome === "renewed";
}

/** On page load: is somebody signed in? Throws nothing; "unreachable" lets the page offer a retry. */
export async function restore(): Promise<RefreshOutcome> {
  return token !== null ? "renewed" : refreshOnce();
}
