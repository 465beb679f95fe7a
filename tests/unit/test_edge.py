"""The edge: who is asking, how much may be sent, and that a crash shows nothing of itself."""

from collections.abc import MutableMapping
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ai_chat.http.body_limit import MAX_BODY_BYTES
from ai_chat.http.errors import install_error_handlers
from ai_chat.http.middleware import Edge

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers what the edge has found out."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await JSONResponse({"size": size, **scope["state"]})(scope, receive, send)


async def crash(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise RuntimeError("hunter2 in src/secret.py")


def api_that_reads() -> FastAPI:
    """An API with our error handlers and one route that takes a body."""
    app = FastAPI()
    install_error_handlers(app)

    @app.post("/api/x")
    async def take(body: dict[str, str]) -> dict[str, str]:
        return body

    return app


def client(app: ASGIApp, peer: str = "203.0.113.9") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(peer, 1234), raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def ip_seen(peer: str, forwarded: str | None, *, trusting: bool = True) -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    async with client(Edge(echo, proxies=PROXIES if trusting else ()), peer) as http:
        return str((await http.get("/", headers=headers)).json()["client_ip"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "1.1.1.1", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "127.0.0.1, 10.0.0.3, 198.51.100.7,10.0.0.2 ", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.4, 10.0.0.3", "10.0.0.4"),
        ("10.0.0.1", " , ,", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("fd00::1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "nonsense", "nonsense"),
    ],
)
async def test_the_client_is_the_nearest_address_that_is_no_proxy_of_ours(peer: str, forwarded: str, seen: str) -> None:
    assert await ip_seen(peer, forwarded) == seen


async def test_without_trusted_proxies_nobody_can_choose_their_address() -> None:
    assert await ip_seen("10.0.0.1", "1.1.1.1", trusting=False) == "10.0.0.1"


async def test_a_forged_header_of_any_length_stays_short() -> None:
    assert len(await ip_seen("10.0.0.1", "x" * 5000)) <= 64


async def test_every_answer_carries_a_request_id_of_its_own() -> None:
    async with client(Edge(echo)) as http:
        first, second = await http.get("/"), await http.get("/")
    assert first.headers["x-request-id"] == first.json()["request_id"]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_a_callers_own_request_id_is_kept() -> None:
    async with client(Edge(echo)) as http:
        answer = await http.get("/", headers={"X-Request-Id": "trace-0123456789"})
    assert answer.headers["x-request-id"] == "trace-0123456789"


@pytest.mark.parametrize("sent", ["short", "x" * 65, "has blanks in it", 'quote"quote"', "тест-тест-тест", "--------"])
async def test_a_request_id_that_does_not_belong_into_a_log_is_replaced(sent: str) -> None:
    async with client(Edge(echo)) as http:
        answer = await http.get("/", headers={b"X-Request-Id": sent.encode()})
    assert answer.headers["x-request-id"] != sent
    assert len(answer.headers["x-request-id"]) == 32


async def test_a_body_of_the_limits_size_passes() -> None:
    async with client(Edge(echo)) as http:
        assert (await http.post("/api/x", content=b"x" * MAX_BODY_BYTES)).json()["size"] == MAX_BODY_BYTES


async def test_a_larger_body_is_refused_in_the_envelope() -> None:
    async with client(Edge(echo)) as http:
        answer = await http.post("/api/x", content=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


async def test_a_larger_body_without_a_declared_length_is_refused_too() -> None:
    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * (MAX_BODY_BYTES // 10)

    async with client(Edge(api_that_reads())) as http:
        answer = await http.post("/api/x", content=pieces())
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


async def test_a_length_that_is_no_number_is_not_a_crash() -> None:
    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", b"-1")]}
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await Edge(echo)(scope, receive, send)
    assert sent[0]["status"] == 200


async def test_a_crash_is_an_envelope_without_a_trace() -> None:
    async with client(Edge(crash)) as http:
        answer = await http.get("/api/x")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "INTERNAL_ERROR"
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-request-id"]


async def test_a_crash_after_the_first_byte_sends_no_second_answer() -> None:
    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    await Edge(late)({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_every_answer_carries_the_security_headers() -> None:
    async with client(Edge(echo)) as http:
        headers = (await http.get("/")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


async def test_only_a_public_address_with_https_asks_for_https_for_ever() -> None:
    async with client(Edge(echo, https=True)) as http:
        assert "max-age=" in (await http.get("/")).headers["strict-transport-security"]


@pytest.mark.parametrize(("path", "kept"), [("/api/chat", "no-store"), ("/health", "no-store"), ("/", None)])
async def test_answers_of_the_api_are_never_cached(path: str, kept: str | None) -> None:
    async with client(Edge(echo)) as http:
        assert (await http.get(path)).headers.get("cache-control") == kept


async def test_what_is_not_http_passes_untouched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Any:
        return {}

    await Edge(app)({"type": "lifespan"}, nothing, nothing)
    assert seen == ["lifespan"]
