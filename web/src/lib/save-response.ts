import { authorizedFetch } from "@/lib/api/authorized-fetch";
import { errorFromBody } from "@/lib/api/errors";

/** The name the server gives the file, else `otherwise`. */
function nameIn(response: Response, otherwise: string): string {
  const given = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("content-disposition") ?? "");
  try {
    return given?.[1] ? decodeURIComponent(given[1]) : otherwise;
  } catch {
    return otherwise;
  }
}

/** Asks for a file with the token and hands it to the browser to keep. */
export async function saveResponse(path: string, otherwise: string) {
  const response = await authorizedFetch(path);
  if (!response.ok) throw errorFromBody(await response.json().catch(() => null), response);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = nameIn(response, otherwise);
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
