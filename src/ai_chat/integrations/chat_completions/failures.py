"""What went wrong upstream, told twice: in plain words to the person, precisely to the operator.

Statuses and texts as OpenRouter and other OpenAI-compatible servers send them. 401 and 402 are the operator's business (a
wrong key, no credit left): the person only hears that the model is unavailable.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import msgspec

from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import FailureKind, UpstreamFailure

_BY_STATUS: dict[int, tuple[ErrorCode, FailureKind, bool]] = {
    400: (ErrorCode.UPSTREAM_REFUSED, "refused", False),
    401: (ErrorCode.UPSTREAM_UNAVAILABLE, "bad_key", False),
    402: (ErrorCode.UPSTREAM_UNAVAILABLE, "no_credit", False),
    403: (ErrorCode.UPSTREAM_REFUSED, "refused", False),
    404: (ErrorCode.UPSTREAM_UNAVAILABLE, "gone", False),
    408: (ErrorCode.UPSTREAM_TIMEOUT, "timeout", True),
    413: (ErrorCode.UPSTREAM_CONTEXT_TOO_LONG, "too_long", False),
    422: (ErrorCode.UPSTREAM_REFUSED, "refused", False),
    429: (ErrorCode.UPSTREAM_RATE_LIMITED, "rate_limited", True),
    503: (ErrorCode.UPSTREAM_RATE_LIMITED, "overloaded", True),
    504: (ErrorCode.UPSTREAM_TIMEOUT, "timeout", True),
    524: (ErrorCode.UPSTREAM_TIMEOUT, "timeout", True),
    529: (ErrorCode.UPSTREAM_RATE_LIMITED, "overloaded", True),
}
_STATUS_OF_WORD = {
    "authentication": 401, "payment_required": 402, "permission_denied": 403, "content_policy_violation": 403,
    "refusal": 403, "not_found": 404, "timeout": 408, "payload_too_large": 413, "unprocessable": 422,
    "rate_limit_exceeded": 429, "server": 500, "server_error": 500, "provider_unavailable": 502,
    "provider_overloaded": 503, "context_length_exceeded": 400, "max_tokens_exceeded": 400,
    "token_limit_exceeded": 400, "string_too_long": 400, "invalid_request": 400, "invalid_prompt": 400,
}  # fmt: skip
"""Statuses of the named errors, for a server that sends a name and no number."""
_GONE = {"model_not_found", "no_endpoints", "model_deprecated", "model_unavailable_upstream", "free_variant_ended",
         "privacy_restricted", "constraint_filtered"}  # fmt: skip
_CONTEXT_WORDS = (
    "context_length",
    "context length",
    "exceed_context_size",
    "maximum context",
    "token limit",
    "too long",
)
_LONGEST_WAIT = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class _Said:
    """What an error says, in whichever of its shapes."""

    status: int
    words: str
    error_type: str
    availability: str
    limit_source: str
    moderated: bool
    retry_after: float | None
    resets_at: float | None


def failure_of_status(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> UpstreamFailure:
    """The failure of an answer that is not a stream. The status is HTTP's: newer errors have no code of their own."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    error = content.get("error", content) if isinstance(content, dict) else content
    return _failure(_read(error, status, headers or {}), f"HTTP {status}: {_text_of(body)}")


def failure_of_error(error: msgspec.Raw) -> UpstreamFailure:
    """The failure that an event inside a stream carries: an object with a numeric or named code, or just a text."""
    raw = bytes(error)
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        content = None
    return _failure(_read(content, None, {}), f"error in the stream: {raw[:500].decode(errors='replace')}")


def _read(error: object, status: int | None, headers: Mapping[str, str]) -> _Said:
    said: dict[str, Any] = error if isinstance(error, dict) else {}
    metadata, availability = _object(said.get("metadata")), _object(said.get("availability"))
    error_type = str(metadata.get("error_type") or said.get("error_type") or "")
    if status is None:
        status = _status_of(said.get("code")) or _status_of(said.get("http_status")) or _status_of(error_type) or 500
    limits = {name.lower(): value for name, value in {**_object(metadata.get("headers")), **headers}.items()}
    reset = _number(limits.get("x-ratelimit-reset"))
    return _Said(
        status=status,
        words=str(said.get("message") or ""),
        error_type=error_type,
        availability=str(availability.get("code") or ""),
        limit_source=str(metadata.get("limit_source") or ""),
        moderated="flagged_input" in metadata or "reasons" in metadata or error_type == "content_policy_violation",
        retry_after=_seconds(limits.get("retry-after", availability.get("retry_after"))),
        # Sent in thousandths of a second; seconds are understood too.
        resets_at=None if reset is None else reset / 1000 if reset > 1e11 else reset,
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e15 else None


def _status_of(code: object) -> int | None:
    if isinstance(code, str) and code in _STATUS_OF_WORD:
        return _STATUS_OF_WORD[code]
    number = _number(code)
    return int(number) if number is not None and 100 <= number < 600 else None


def _seconds(value: object) -> float | None:
    """`Retry-After`: seconds, or a date."""
    number = _number(value)
    if number is None and isinstance(value, str):
        try:
            number = max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
        except (ValueError, TypeError, OverflowError):
            return None
    return None if number is None else min(number, _LONGEST_WAIT)


def kind_of(problem: Exception) -> str:
    """What broke, for the log: the kind, the status, the host. Never its own text, which may hold an address, and that a
    password.
    """
    words = [type(problem).__name__]
    if isinstance(problem, aiohttp.ClientResponseError):
        words.append(f"HTTP {problem.status} from {problem.request_info.real_url.host}")
    elif isinstance(problem, aiohttp.ClientConnectorCertificateError):
        words.append(f"{problem.host}:{problem.port} {problem.certificate_error}")
    elif isinstance(problem, aiohttp.ClientConnectorError):
        words.append(f"{problem.host}:{problem.port} {problem.os_error.strerror or ''}".rstrip())
    return ": ".join(words)


def _failure(said: _Said, detail: str) -> UpstreamFailure:
    lowered, status = detail.lower(), said.status
    if said.availability in _GONE or (status == 400 and "not a valid model id" in lowered):
        return UpstreamFailure(ErrorCode.UPSTREAM_UNAVAILABLE, detail, kind="gone")
    if status in (400, 413, 422) and any(word in lowered for word in _CONTEXT_WORDS):
        return UpstreamFailure(ErrorCode.UPSTREAM_CONTEXT_TOO_LONG, detail, kind="too_long")
    if status in (400, 403) and said.moderated:
        return UpstreamFailure(ErrorCode.UPSTREAM_MODERATED, detail, kind="moderated")
    if status == 429 and ("free_tier" in said.limit_source or "free-models-per" in lowered):
        return UpstreamFailure(
            ErrorCode.UPSTREAM_RATE_LIMITED,
            detail,
            kind="free_cap",
            retry_after=said.retry_after,
            resets_at=said.resets_at,
        )
    code, kind, retryable = _BY_STATUS.get(status, (ErrorCode.UPSTREAM_ERROR, "server", status >= 500))
    return UpstreamFailure(code, detail, retryable=retryable, kind=kind, retry_after=said.retry_after)


def _text_of(body: bytes) -> str:
    """The message of an error body, or its beginning where it is not JSON (a proxy's HTML page)."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return body[:300].decode(errors="replace").replace("\n", " ")
    error = content.get("error", content) if isinstance(content, dict) else content
    return json.dumps(error, ensure_ascii=False)[:500]
