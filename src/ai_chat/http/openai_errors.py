"""Failures as OpenAI's clients know them: no envelope, one `error` object with message, type, param and code."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi.responses import JSONResponse

from ai_chat.kernel.clock import iso
from ai_chat.kernel.errors import AppError, ErrorCode, InvalidInput, LimitReached

SOON_SECONDS = 5
"""When to try again where nobody knows better."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How OpenAI calls a failure of ours. `status` where theirs differs from ours."""

    type: str
    code: str
    param: str | None = None
    status: int | None = None


_KINDS: Mapping[ErrorCode, _Kind] = {
    ErrorCode.VALIDATION_ERROR: _Kind("invalid_request_error", "invalid_value"),
    ErrorCode.INVALID_API_KEY: _Kind("invalid_request_error", "invalid_api_key"),
    ErrorCode.UNAUTHORIZED: _Kind("invalid_request_error", "invalid_api_key"),
    ErrorCode.NOT_ALLOWED_TO_KEY: _Kind("permission_error", "not_allowed_to_key"),
    ErrorCode.MODEL_NOT_IN_PLAN: _Kind("permission_error", "model_not_in_plan", "model"),
    ErrorCode.MODEL_NOT_FOUND: _Kind("invalid_request_error", "model_not_found", "model"),
    ErrorCode.MESSAGE_TOO_LONG: _Kind("invalid_request_error", "context_length_exceeded", "messages"),
    ErrorCode.UPSTREAM_CONTEXT_TOO_LONG: _Kind("invalid_request_error", "context_length_exceeded", "messages", 400),
    ErrorCode.UPSTREAM_REFUSED: _Kind("invalid_request_error", "upstream_refused", status=400),
    ErrorCode.MESSAGE_LIMIT_REACHED: _Kind("insufficient_quota", "insufficient_quota"),
    ErrorCode.KEY_LIMIT_REACHED: _Kind("insufficient_quota", "insufficient_quota"),
}


def speaks_openai(path: str) -> bool:
    return path == "/v1" or path.startswith("/v1/")


def openai_status(code: ErrorCode) -> int:
    kind = _KINDS.get(code)
    return kind.status if kind is not None and kind.status is not None else code.status


def openai_error(code: ErrorCode, message: str, param: str | None = None) -> dict[str, object]:
    """The `error` object, in an answer or in a stream."""
    usual = "invalid_request_error" if openai_status(code) < 500 else "server_error"
    kind = _KINDS.get(code) or _Kind(usual, code.value.lower())
    return {"message": message, "type": kind.type, "param": param or kind.param, "code": kind.code}


def openai_failure(error: AppError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """`error` as an answer. Their clients try again by themselves; `x-should-retry` spares them what cannot help."""
    status, all_headers = openai_status(error.code), dict(headers or {})
    param = error.problems[0].field if isinstance(error, InvalidInput) and error.problems else None
    body = openai_error(error.code, error.message, param)
    if status in (429, 503):
        all_headers["Retry-After"] = str(error.retry_after or SOON_SECONDS)
    if status == 401:
        all_headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, LimitReached):
        body |= {"limit": error.limit, "used": error.used, "resetsAt": iso(error.resets_at)}
        all_headers["x-should-retry"] = "false"
    return JSONResponse({"error": body}, status, all_headers)
