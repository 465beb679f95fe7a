"""What went wrong upstream, told twice: in plain words to the person, precisely to the operator.

Statuses and texts as OpenRouter and other OpenAI-compatible servers send them. 401 and 402 are the operator's business (a
wrong key, no credit left): the person only hears that the model is unavailable.
"""

import json

import aiohttp
import msgspec

from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import UpstreamFailure

_BY_STATUS: dict[int, tuple[ErrorCode, bool]] = {
    400: (ErrorCode.UPSTREAM_REFUSED, False),
    401: (ErrorCode.UPSTREAM_UNAVAILABLE, False),
    402: (ErrorCode.UPSTREAM_UNAVAILABLE, False),
    403: (ErrorCode.UPSTREAM_REFUSED, False),
    404: (ErrorCode.UPSTREAM_UNAVAILABLE, False),
    408: (ErrorCode.UPSTREAM_TIMEOUT, True),
    413: (ErrorCode.UPSTREAM_CONTEXT_TOO_LONG, False),
    422: (ErrorCode.UPSTREAM_REFUSED, False),
    429: (ErrorCode.UPSTREAM_RATE_LIMITED, True),
    503: (ErrorCode.UPSTREAM_RATE_LIMITED, True),
    504: (ErrorCode.UPSTREAM_TIMEOUT, True),
    524: (ErrorCode.UPSTREAM_TIMEOUT, True),
    529: (ErrorCode.UPSTREAM_RATE_LIMITED, True),
}
_CONTEXT_WORDS = (
    "context_length",
    "context length",
    "exceed_context_size",
    "maximum context",
    "token limit",
    "too long",
)


def failure_of_status(status: int, body: bytes) -> UpstreamFailure:
    """The failure of an answer that is not a stream."""
    detail = f"HTTP {status}: {_text_of(body)}"
    return _failure(status, detail)


def failure_of_error(error: msgspec.Raw) -> UpstreamFailure:
    """The failure that an event inside a stream carries: an object with a numeric or named code, or just a text."""
    raw = bytes(error)
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        content = {}
    code = content.get("code") if isinstance(content, dict) else None
    try:
        status = int(code) if code is not None else 500
    except (TypeError, ValueError, OverflowError):
        status = 500
    return _failure(status, f"error in the stream: {raw[:500].decode(errors='replace')}")


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


def _failure(status: int, detail: str) -> UpstreamFailure:
    lowered = detail.lower()
    if status in (400, 413, 422) and any(word in lowered for word in _CONTEXT_WORDS):
        return UpstreamFailure(ErrorCode.UPSTREAM_CONTEXT_TOO_LONG, detail)
    code, retryable = _BY_STATUS.get(status, (ErrorCode.UPSTREAM_ERROR, status >= 500))
    return UpstreamFailure(code, detail, retryable=retryable)


def _text_of(body: bytes) -> str:
    """The message of an error body, or its beginning where it is not JSON (a proxy's HTML page)."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return body[:300].decode(errors="replace").replace("\n", " ")
    error = content.get("error", content) if isinstance(content, dict) else content
    return json.dumps(error, ensure_ascii=False)[:500]
