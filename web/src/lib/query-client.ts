import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/api/errors";

/** Only what may pass by itself is worth asking for again. */
function mayPass(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 30 * 60_000,
      retry: (count, error) => count < 2 && mayPass(error),
    },
    mutations: { networkMode: "always" },
  },
});
