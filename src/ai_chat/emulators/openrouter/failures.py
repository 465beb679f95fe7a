"""Answers that are not answers: every error body the service is known to send before the first byte of a stream."""

from __future__ import annotations

from ai_chat.emulators.json_values import Json, JsonObject
from ai_chat.emulators.openrouter.shapes import encode

DOCS_URL = "https://openrouter.ai/docs/api/reference/errors-and-debugging"
CREDITS_URL = "https://openrouter.ai/settings/credits"

HTML_ERROR = """<!DOCTYPE html>
<html lang="en-US"><head><title>openrouter.ai | {status}: Bad gateway</title></head>
<body><div id="cf-wrapper"><h1>Bad gateway <span>Error code {status}</span></h1>
<p>The web server reported a bad gateway error.</p></div></body></html>
"""

#: status → (message, error_type), for a fault that names only the status.
STOCK: dict[int, tuple[str, str]] = {
    400: ("Provider returned error", "invalid_request"),
    401: ("User not found.", "authentication"),
    402: ("Insufficient credits. Add more using https://openrouter.ai/settings/credits", "payment_required"),
    403: ('anthropic/claude requires moderation. Your input was flagged for "harassment".', "content_policy_violation"),
    404: ("No endpoints found matching your data policy.", "not_found"),
    408: ("Request timed out", "timeout"),
    413: ("Request Entity Too Large", "payload_too_large"),
    422: ("Unprocessable Entity", "unprocessable"),
    429: ("Provider returned error", "rate_limit_exceeded"),
    500: ("Internal Server Error", "server"),
    502: ("Provider returned error", "provider_unavailable"),
    503: ("No instances available", "provider_overloaded"),
    504: ("Upstream request timed out", "timeout"),
    524: ("Provider timed out", "timeout"),
    529: ("Provider overloaded", "provider_overloaded"),
}


class Failure(Exception):
    """A complete HTTP error answer. `fallback` says whether the next model of `models` may be tried instead."""

    def __init__(
        self,
        status: int,
        body: bytes,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        fallback: bool = True,
        summary: str = "",
    ) -> None:
        super().__init__(f"{status} {summary}")
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = headers or {}
        self.fallback = fallback
        self.summary = summary


def api_failure(
    status: int,
    message: str,
    *,
    metadata: JsonObject | None = None,
    availability: JsonObject | None = None,
    headers: dict[str, str] | None = None,
    user_id: str | None = None,
    fallback: bool = True,
) -> Failure:
    """The usual shape: `{"error":{"message","code",…}}` where code repeats the HTTP status."""
    error: JsonObject = {"message": message, "code": status}
    if metadata is not None:
        error["metadata"] = metadata
    if availability is not None:
        error["availability"] = availability
    body: JsonObject = {"error": error}
    if user_id is not None:
        body["user_id"] = user_id
    return Failure(status, encode(body), headers=headers, fallback=fallback, summary=message)


def codeless_failure(status: int, message: str, error_type: str) -> Failure:
    """The shape of the docs' newest examples: `error_type` and `http_status`, and no `code` at all."""
    body: JsonObject = {"error": {"message": message, "error_type": error_type, "http_status": status}}
    return Failure(status, encode(body), summary=message)


def html_failure(status: int) -> Failure:
    """What the edge network answers when the service behind it is gone."""
    text = HTML_ERROR.format(status=status)
    return Failure(status, text.encode(), content_type="text/html; charset=UTF-8", summary="html")


def availability(code: str, requested: list[str], *, retryable: bool = False, **more: Json) -> JsonObject:
    """The additive `error.availability` object of 2026-08-19."""
    models: list[Json] = [*requested]
    return {"code": code, "retryable": retryable, "requested_models": models, **more, "docs_url": DOCS_URL}


def bad_request(message: str, error_type: str = "invalid_request") -> Failure:
    return api_failure(400, message, metadata={"error_type": error_type})
