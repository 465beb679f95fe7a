import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { createKey, deleteKey, listKeys } from "@/client/sdk.gen";
import { http } from "@/lib/api/http";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";

const keysQuery = queryOptions({
  queryKey: keys.keys,
  queryFn: async ({ signal }) => (await listKeys({ ...http, signal })).data.data,
});

export const useKeys = () => useQuery(keysQuery);

const refresh = () => void queryClient.invalidateQueries({ queryKey: keys.keys });

export const useCreateKey = () =>
  useMutation({
    mutationFn: async (name: string) => (await createKey({ ...http, body: { name } })).data.data,
    onSettled: refresh,
  });

export const useRevokeKey = () =>
  useMutation({
    mutationFn: async (id: string) => {
      await deleteKey({ ...http, path: { key_id: id } });
    },
    onSettled: refresh,
  });
