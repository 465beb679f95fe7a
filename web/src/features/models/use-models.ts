import { queryOptions, useQuery } from "@tanstack/react-query";
import { listModels } from "@/client/sdk.gen";
import { http } from "@/lib/api/http";
import { keys } from "@/lib/query-keys";

export const modelsQuery = queryOptions({
  queryKey: keys.models,
  queryFn: async ({ signal }) => (await listModels({ ...http, signal })).data.data,
  staleTime: 5 * 60_000,
});

export const useModels = () => useQuery(modelsQuery);
