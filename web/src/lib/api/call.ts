import { authorizedFetch } from "@/lib/api/authorized-fetch";
import { errorFromBody } from "@/lib/api/errors";

/** Throws the failure an answer carries; what is left is a success. */
export async function refuse(response: Response): Promise<never> {
  throw errorFromBody(await response.json().catch(() => null), response);
}

/** The whole envelope of a successful call: `data` and what stands beside it. */
export async function callEnvelope<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const response = await authorizedFetch(path, {
    method,
    signal,
    // A deletion asked for while the page is being left must still arrive.
    keepalive: method === "DELETE",
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json" },
    }),
  });
  if (!response.ok) await refuse(response);
  return response.json();
}

export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  return (await callEnvelope<{ data: T }>(method, path, body, signal)).data;
}
