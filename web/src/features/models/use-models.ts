import { queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "@/lib/api/call";
import type { Model } from "@/lib/api/shapes";
import { keys } from "@/lib/query-keys";

const modelsQuery = queryOptions({
  queryKey: keys.models,
  queryFn: ({ signal }) => call<Model[]>("GET", "/api/models", undefined, signal),
  staleTime: 5 * 60_000,
});

export const useModels = () => useQuery(modelsQuery);
