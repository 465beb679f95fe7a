import { queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "@/lib/api/call";
import type { Me } from "@/lib/api/shapes";
import { keys } from "@/lib/query-keys";

const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => call<Me>("GET", "/api/auth/me", undefined, signal),
  staleTime: 5 * 60_000,
});

export const useMe = () => useQuery(meQuery);
