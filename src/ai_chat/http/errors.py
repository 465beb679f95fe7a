"""Every failure as the envelope, under `/v1` as OpenAI's error. Crashes are the edge middleware's."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ai_chat.http.openai_errors import openai_failure, speaks_openai
from ai_chat.kernel.clock import iso
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput, LimitReached, UnavailableUntil
from ai_chat.kernel.metrics import counter

_DENIALS = counter(
    "ai_chat_limit_denials_total", "Requests refused because a limit was reached, by error code.", "code"
)


def failure_body(error: AppError) -> dict[str, object]:
    """The failure envelope of `error` as plain JSON values."""
    details = error.details()
    if isinstance(error, LimitReached | UnavailableUntil):
        details["resetsAt"] = iso(error.resets_at)
    return {"success": False, "error": {"code": error.code.value, "message": error.message, **details}}


def failure_at(path: str, error: AppError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """`error` in the shape that is spoken at this path: OpenAI's under `/v1`, the envelope elsewhere."""
    return openai_failure(error, headers) if speaks_openai(path) else failure_response(error, headers)


def failure_response(error: AppError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    all_headers = dict(headers or {})
    if error.retry_after is not None:
        all_headers["Retry-After"] = str(error.retry_after)
    if error.code.status == 401:
        all_headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(failure_body(error), error.code.status, all_headers)


def invalid_input(errors: list[dict[str, object]]) -> InvalidInput:
    """Pydantic's list of errors in our words. What was sent is not repeated: it may be secret, huge or not encodable."""
    problems = []
    for error in errors[:20]:
        location = error.get("loc")
        parts = [str(part) for part in location] if isinstance(location, (tuple, list)) else []
        if parts and parts[0] in ("body", "query", "path", "header", "cookie"):
            parts = parts[1:]
        if error.get("type") == "json_invalid":
            return InvalidInput(
                FieldProblem("body", "The body is not valid JSON."), message="The body is not valid JSON."
            )
        message = str(error.get("msg", "is not valid")).removeprefix("Value error, ")
        problems.append(FieldProblem(".".join(parts)[:100] or "body", message[:200]))
    return InvalidInput(*problems)


def install_error_handlers(app: FastAPI) -> None:
    """Makes `app` answer every failure with the envelope."""

    async def on_app_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AppError)
        if isinstance(error, LimitReached):
            _DENIALS.add(1, error.code.value)
        return failure_at(request.url.path, error)

    async def on_invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return failure_at(request.url.path, invalid_input(list(error.errors())))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 400:  # FastAPI's word for a body it cannot read: bad UTF-8, nesting without end
            return failure_at(request.url.path, invalid_input([{"type": "json_invalid"}]))
        code = {
            401: ErrorCode.UNAUTHORIZED,
            403: ErrorCode.FORBIDDEN,
            405: ErrorCode.METHOD_NOT_ALLOWED,
            413: ErrorCode.PAYLOAD_TOO_LARGE,
        }.get(error.status_code, ErrorCode.NOT_FOUND)
        return failure_at(request.url.path, AppError(code), error.headers)

    app.add_exception_handler(AppError, on_app_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
