import { queryOptions } from "@tanstack/react-query";
import { getPreferences, updatePreferences } from "@/client/sdk.gen";
import type { PreferencesInfo } from "@/client/types.gen";
import { http } from "@/lib/api/http";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

export const preferencesQuery = queryOptions({
  queryKey: keys.preferences,
  queryFn: async ({ signal }) => (await getPreferences({ ...http, signal })).data.data,
  staleTime: 5 * 60_000,
});

export async function savePreferences(changes: PreferencesInfo): Promise<PreferencesInfo> {
  const saved = (await updatePreferences({ ...http, body: changes })).data.data;
  queryClient.setQueryData(keys.preferences, saved);
  return saved;
}
