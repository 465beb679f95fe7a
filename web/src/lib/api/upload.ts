import { errorFromBody, NetworkError } from "@/lib/api/errors";
import { getToken, renew } from "@/lib/api/session";

/** `fetch` does not tell how much of a body has been sent. */
function send(path: string, file: File, onProgress: (part: number) => void, signal: AbortSignal) {
  return new Promise<XMLHttpRequest>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Authorization", `Bearer ${getToken() ?? ""}`);
    request.setRequestHeader("X-Client", "web");
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve(request);
    request.onerror = () => reject(new NetworkError());
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Uploads one file; a refused token is renewed once. */
export async function uploadTo<Data>(
  path: string,
  file: File,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<Data> {
  const token = getToken();
  let answer = await send(path, file, onProgress, signal);
  if (answer.status === 401 && (await renew(token)))
    answer = await send(path, file, onProgress, signal);
  const body = parsed(answer.responseText);
  if (answer.status === 200) return (body as { data: Data }).data;
  const retryAfter = answer.getResponseHeader("retry-after");
  throw errorFromBody(
    body,
    new Response(null, {
      status: answer.status || 502,
      headers: retryAfter ? { "retry-after": retryAfter } : {},
    }),
  );
}
