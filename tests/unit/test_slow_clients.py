"""Nobody keeps a connection by saying nothing, or by saying it without an end."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ai_chat.http import middleware, uvicorn_protocol
from ai_chat.http.middleware import Edge
from ai_chat.http.uvicorn_protocol import DirectProtocol
from tests.api.helpers import captured_logs
from tests.unit.relay_fakes import until

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(Edge(echo), port=0, http=DirectProtocol, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
    await running


async def told(port: int, all_there_is: bytes) -> bytes:
    """What the server says until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(all_there_is)
    async with asyncio.timeout(10):
        said = await reader.read()
    writer.close()
    return said


@pytest.mark.parametrize("begun", [b"", b"GET / HT", HEAD + b"hello\r\n", HEAD + b"helloGET / HTTP/1.1\r\nHost"])
async def test_a_head_that_does_not_come_is_not_waited_for(
    port: int, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(uvicorn_protocol, "HEAD_SECONDS", 0.05)
    assert (await told(port, begun)).endswith(b"hello" if begun.startswith(HEAD) else b"")


async def test_a_head_without_an_end_is_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    saying = asyncio.create_task(reader.read())
    writer.write(b"GET / HTTP/1.1\r\n")
    async with asyncio.timeout(10):
        while not saying.done():
            writer.write(b"X: " + b"a" * 1_000 + b"\r\n")
            await asyncio.sleep(0)
    writer.close()
    assert saying.exception() is not None or saying.result().startswith(b"HTTP/1.1 400")


async def test_a_body_that_does_not_come_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(uvicorn_protocol, "HEAD_SECONDS", 0.05)
    said = await told(port, HEAD + b"hel")
    assert said.startswith(b"HTTP/1.1 400")
    assert b"It did not come whole" in said


async def test_whoever_hangs_up_in_the_middle_is_no_crash(port: int) -> None:
    with captured_logs() as logs:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"hel")
        await writer.drain()
        writer.close()
        await until(lambda: '"request"' in logs.getvalue())
    assert "a body did not come whole" in logs.getvalue()
    assert "Traceback" not in logs.getvalue()
