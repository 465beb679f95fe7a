import { queryOptions, useQuery } from "@tanstack/react-query";
import { me } from "@/client/sdk.gen";
import { http } from "@/lib/api/http";
import { keys } from "@/lib/query-keys";

const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: async ({ signal }) => (await me({ ...http, signal })).data.data,
  staleTime: 5 * 60_000,
});

export const useMe = () => useQuery(meQuery);
