/** An answer of ours with `success: false`, or an error frame of a stream. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly details: ErrorDetails = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export interface ErrorDetails {
  limit?: number;
  used?: number;
  resetsAt?: string;
  retryAfter?: number;
  retryable?: boolean;
  fields?: { field: string; message: string }[];
}

/** The request never reached the server, or its answer never reached us. */
export class NetworkError extends ApiError {
  constructor(cause?: unknown) {
    super("NETWORK", "The server could not be reached", 0, { retryable: true });
    this.name = "NetworkError";
    this.cause = cause;
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function toApiError(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError("CLIENT_FAULT", error instanceof Error ? error.message : String(error), 0);
}

/** Reads a failed response of any shape: our envelope, a proxy's HTML page, nothing at all. */
export function errorFromBody(body: unknown, response: Response): ApiError {
  const error = (body as { error?: Record<string, unknown> } | null | undefined)?.error;
  const retryAfter = Number(response.headers.get("retry-after")) || undefined;
  if (typeof error?.code !== "string") {
    const code =
      response.status >= 502 && response.status <= 504 ? "SERVER_AWAY" : "INTERNAL_ERROR";
    return new ApiError(code, `HTTP ${response.status}`, response.status, { retryAfter });
  }
  const { code, message, ...rest } = error;
  return new ApiError(code, String(message ?? ""), response.status, { retryAfter, ...rest });
}
