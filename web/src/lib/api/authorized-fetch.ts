import { isAbort, NetworkError } from "@/lib/api/errors";
import { getToken, renew } from "@/lib/api/session";

function withToken(request: Request): Request {
  const headers = new Headers(request.headers);
  const token = getToken();
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  headers.set("X-Client", "web");
  return new Request(request, { headers });
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(withToken(request));
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new NetworkError(error);
  }
}

/** Wrong credentials are a 401 too; only a token that was sent and refused is worth renewing. */
function isStale(response: Response, request: Request): boolean {
  return response.status === 401 && !/\/api\/auth\/(login|register|refresh)$/.test(request.url);
}

/** `fetch` with the access token; a refused one is renewed once and the request sent again. */
export async function authorizedFetch(
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> {
  const request = new Request(input, init);
  const again = request.clone();
  const token = getToken();
  const response = await send(request);
  // Nobody is signed in here: there is nothing to renew.
  if (token === null || !isStale(response, request)) return response;
  if (!(await renew(token))) return response;
  await response.body?.cancel();
  return send(again);
}
