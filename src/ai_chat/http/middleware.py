"""The edge of the application, as one pure ASGI middleware: request id, body limit, security headers, crash safety, log.

One layer instead of several, because every layer costs a call for each piece of every stream.
"""

import asyncio
import time
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ai_chat.http.body_limit import MAX_BODY_BYTES, body_limit, takes_uploads
from ai_chat.http.errors import failure_at
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.metrics import counter, gauge

_DISCARD_BYTES = 64 * 1024 * 1024
_DISCARD_SECONDS = 20
BODY_SECONDS = 60.0
"""So long nothing of a body may come before whoever sends it counts as gone: a phone that dies says no goodbye."""
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), microphone=(self), geolocation=()"),
    ("Content-Security-Policy", _CONTENT_SECURITY_POLICY),
)

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_REQUESTS = counter("ai_chat_http_requests_total", "Requests that have ended; 0 where nobody waited for the answer.",
                    "method", "route", "status")  # fmt: skip
_READERS = gauge("ai_chat_stream_readers", "Open event streams: answers that are read, and live channels.")

log = structlog.get_logger()


_CUT_OFF = InvalidInput(FieldProblem("body", "It did not come whole."))


class BodyTooLarge(HTTPException):
    """Raised inside `receive` when more has come than is allowed; the framework's own kind, so that it lets it pass."""

    def __init__(self) -> None:
        super().__init__(413)


class Edge:
    """Wraps the whole application."""

    def __init__(
        self, app: ASGIApp, *, proxies: tuple[IPv4Network | IPv6Network, ...] = (), https: bool = False
    ) -> None:
        self._app = app
        self._proxies = proxies
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = dict(scope["headers"])
        request_id = _clean_request_id(headers.get(b"x-request-id")) or uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        scope["state"]["client_ip"] = self._client_ip(scope, headers)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status, streaming = 0, False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, streaming
            if message["type"] == "http.response.start":
                status = message["status"]
                streaming = (b"content-type", b"text/event-stream") in message["headers"]
                if streaming:
                    _READERS.add(1)
                response_headers = MutableHeaders(scope=message)
                response_headers["X-Request-Id"] = request_id
                for name, value in _SECURITY_HEADERS:
                    response_headers.setdefault(name, value)
                if self._https:
                    response_headers.setdefault("Strict-Transport-Security", "max-age=31536000")
                if scope["path"].startswith(("/api/", "/v1/", "/health")):
                    response_headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            if _declared_length(headers) > MAX_BODY_BYTES and not takes_uploads(scope):
                await _discard(receive)
                await failure_at(scope["path"], AppError(ErrorCode.PAYLOAD_TOO_LARGE))(
                    scope, receive, send_with_headers
                )
            else:
                await self._app(scope, _limited(scope, receive, _declared_length(headers)), send_with_headers)
        except Exception as problem:  # noqa: BLE001 - logged there
            refusal = _refusal_after(problem, scope)
            if status == 0:
                await refusal(scope, receive, send_with_headers)
        finally:
            if streaming:
                _READERS.add(-1)
            _REQUESTS.add(1, scope["method"] if scope["method"] in _METHODS else "other", _route(scope), str(status))
            log.debug(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )
            structlog.contextvars.clear_contextvars()

    def _client_ip(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        """The nearest address that is not one of our own proxies: what stands further left can be forged."""
        peer = scope["client"][0] if scope.get("client") else ""
        hops = [
            part.strip() for part in headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",") if part.strip()
        ]
        while hops and self._is_proxy(peer):
            peer = hops.pop()
        return peer[:64]

    def _is_proxy(self, address: str) -> bool:
        if not self._proxies:
            return False
        try:
            parsed = ip_address(address)
        except ValueError:
            return address == ""  # a unix socket: only the proxy can be on its other side
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        return any(parsed in network for network in self._proxies if network.version == parsed.version)


def _refusal_after(problem: Exception, scope: Scope) -> Response:
    """Logs what has ended a request, and what is said of it to whoever is still there."""
    if isinstance(problem, ClientDisconnect):
        log.info("a body did not come whole", path=scope["path"])
        return failure_at(scope["path"], _CUT_OFF, {"Connection": "close"})
    log.error("request crashed", exc_info=problem, method=scope["method"], path=scope["path"])
    return failure_at(scope["path"], AppError(ErrorCode.INTERNAL_ERROR))


def _limited(scope: Scope, receive: Receive, declared: int) -> Receive:
    received, whole = 0, False

    async def limited() -> Message:
        nonlocal received, whole
        if whole:
            return await receive()
        if received == 0 and declared > body_limit(scope):
            await _discard(receive)
            raise BodyTooLarge
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        if message["type"] == "http.request":
            whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > body_limit(scope):
                await _discard(receive)
                raise BodyTooLarge
        return message

    return limited


async def _discard(receive: Receive) -> None:
    """Reads away what is still coming, within reason: a client that is cut off while sending never sees our answer."""
    discarded = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_DISCARD_SECONDS):
            while discarded < _DISCARD_BYTES:
                message = await receive()
                discarded += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return


def _route(scope: Scope) -> str:
    """The route's template: paths themselves are without number."""
    return str(getattr(scope.get("route"), "path", "other"))


def _declared_length(headers: dict[bytes, bytes]) -> int:
    value = headers.get(b"content-length", b"")
    return int(value) if value.isdigit() else 0


def _clean_request_id(value: bytes | None) -> str | None:
    text = (value or b"").decode("latin-1")
    return text if 8 <= len(text) <= 64 and text.replace("-", "").isalnum() and text.isascii() else None
