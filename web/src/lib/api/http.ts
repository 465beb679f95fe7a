import { createClient, createConfig } from "@/client/client";
import { authorizedFetch } from "@/lib/api/authorized-fetch";
import { ApiError, errorFromBody, isAbort } from "@/lib/api/errors";

const client = createClient(
  createConfig({
    baseUrl: window.location.origin,
    fetch: (input, init) => authorizedFetch(input, init),
    throwOnError: true,
  }),
);

// Whatever fails, callers see an ApiError (or the abort they asked for).
client.interceptors.error.use((error, response) =>
  error instanceof ApiError || isAbort(error) ? error : errorFromBody(error, response),
);

/** Spread into every call of the generated client: `getUsage({ ...http, signal })`. */
export const http = { client, throwOnError: true } as const;
