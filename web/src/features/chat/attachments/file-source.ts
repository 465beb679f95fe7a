import { createContext, useContext, useEffect, useState } from "react";
import { authorizedFetch } from "@/lib/api/authorized-fetch";

export type Part = "thumbnail" | "main";

/** Where the bytes of a file are: an address the browser may load by itself, or null for "ask with the token". */
export const FileSource = createContext<((id: string, part: Part) => string) | null>(null);

const loaded = new Map<string, Promise<string>>();

const path = (id: string, part: Part) =>
  part === "main" ? `/api/files/${id}` : `/api/files/${id}/thumbnail`;

async function load(id: string, part: Part): Promise<string> {
  const response = await authorizedFetch(path(id, part));
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return URL.createObjectURL(await response.blob());
}

/** An address for `<img>`. The token travels in a header, which `<img>` cannot send: the bytes are fetched once. */
export function blobOf(id: string, part: Part): Promise<string> {
  const key = `${id}/${part}`;
  let found = loaded.get(key);
  if (found === undefined) {
    found = load(id, part);
    loaded.set(key, found);
    found.catch(() => loaded.delete(key));
  }
  return found;
}

export function useFileUrl(id: string, part: Part): { url: string | null; failed: boolean } {
  const direct = useContext(FileSource);
  const [state, setState] = useState<{ url: string | null; failed: boolean }>({
    url: null,
    failed: false,
  });
  useEffect(() => {
    if (direct !== null) return;
    let gone = false;
    blobOf(id, part).then(
      (url) => gone || setState({ url, failed: false }),
      () => gone || setState({ url: null, failed: true }),
    );
    return () => {
      gone = true;
    };
  }, [id, part, direct]);
  return direct === null ? state : { url: direct(id, part), failed: false };
}
