import { useQuery } from "@tanstack/react-query";
import { listFolders } from "@/lib/api/folders";
import { keys } from "@/lib/query-keys";

/** The person's folders in their order. */
export function useFolders() {
  return useQuery({ queryKey: keys.folders, queryFn: ({ signal }) => listFolders(signal) });
}
