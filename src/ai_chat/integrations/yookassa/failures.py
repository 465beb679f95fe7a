"""What YooKassa's refusals mean for us: nothing done and never will be, nothing done yet, or nobody can tell.

Only YooKassa's own error object is taken for a refusal. A page of HTML with status 403 comes from some proxy on the way, and
says nothing about the money.
"""

import json
from collections.abc import Mapping
from datetime import timedelta

import aiohttp

from ai_chat.features.billing.ports import (
    CredentialsRejected,
    KeyReused,
    MethodGone,
    NotKnown,
    OutcomeUnknown,
    PaymentRefused,
    ProviderProblem,
    ReceiptRejected,
    RecurringForbidden,
    TooManyRequests,
)

_MOST_WAIT = timedelta(hours=1)
_REFUSALS = frozenset((400, 403, 404, 405, 410, 415))


def problem_of_answer(status: int, headers: Mapping[str, str], body: bytes) -> ProviderProblem:
    """The problem behind an answer that is not 200."""
    error = _error_object(body)
    wait = _retry_after(headers, error)
    if status == 202:
        return OutcomeUnknown("HTTP 202: accepted, but not processed yet", retry_after=wait)
    if status == 429:
        return TooManyRequests("HTTP 429: too many requests", retry_after=wait)
    if error is None or (status not in _REFUSALS and status != 401):
        return OutcomeUnknown(f"HTTP {status}: {_told(error, body)}", retry_after=wait)
    if status == 401:
        return CredentialsRejected(f"HTTP 401: {_told(error, body)}")
    return _refusal(status, error)


def problem_of_connection(problem: Exception) -> OutcomeUnknown:
    """The problem behind a connection that broke. Its own text may hold a proxy's address and password: only kinds are told."""
    words = [type(problem).__name__]
    if isinstance(problem, aiohttp.ClientConnectorCertificateError):
        words.append(f"{problem.host}:{problem.port} {problem.certificate_error}")
    elif isinstance(problem, aiohttp.ClientConnectorError):
        words.append(f"{problem.host}:{problem.port} {problem.os_error.strerror or ''}".rstrip())
    return OutcomeUnknown(": ".join(words))


def _refusal(status: int, error: Mapping[str, object]) -> PaymentRefused:
    code = _text(error, "code") or f"http_{status}"
    description = _text(error, "description") or ""
    parameter = _text(error, "parameter")
    lowered, about = description.lower(), (parameter or "").lower()
    kind: type[PaymentRefused] = PaymentRefused
    if status == 404:
        kind = NotKnown
    elif status == 403 and "recurring" in lowered:
        kind = RecurringForbidden
    elif about == "idempotence-key" and "duplicate" in lowered:
        kind = KeyReused
    elif about == "payment_method_id":
        kind = MethodGone
    elif about.partition(".")[0] == "receipt" or lowered.startswith("receipt is missing"):
        kind = ReceiptRejected
    return kind(code, description, parameter)


def _error_object(body: bytes) -> Mapping[str, object] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(content, dict) and content.get("type") in ("error", "processing"):
        return content
    return None


def _told(error: Mapping[str, object] | None, body: bytes) -> str:
    if error is not None:
        return f"{_text(error, 'code')}: {_text(error, 'description')} (id {_text(error, 'id')})"
    return repr(body[:80].decode(errors="replace"))


def _text(error: Mapping[str, object], name: str) -> str | None:
    value = error.get(name)
    return value[:300] if isinstance(value, str) else None


def _retry_after(headers: Mapping[str, str], error: Mapping[str, object] | None) -> timedelta | None:
    """`retry_after` of the error is milliseconds, the header is seconds. None of them is believed beyond an hour."""
    value = (error or {}).get("retry_after")
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return min(timedelta(milliseconds=min(value, 1e12)), _MOST_WAIT)
    header = headers.get("Retry-After", "")
    if header.isascii() and header.isdigit():
        return min(timedelta(seconds=min(int(header[:10]), 10**9)), _MOST_WAIT)
    return None
