import { search as find } from "@/client/sdk.gen";
import type { SearchHit } from "@/client/types.gen";
import { http } from "@/lib/api/http";

export interface SearchPage {
  hits: SearchHit[];
  cursor: string | null;
}

export async function search(
  query: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<SearchPage> {
  const { data } = await find({
    ...http,
    query: { q: query, ...(cursor !== null && { cursor }) },
    signal,
  });
  return { hits: data.data, cursor: data.cursor };
}
