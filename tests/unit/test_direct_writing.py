"""On uvicorn a log writes straight to its readers' connections: the same bytes as through ASGI, and as patiently."""

import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from ai_chat.http import event_stream
from ai_chat.http.event_stream import EventStream
from ai_chat.http.uvicorn_protocol import DirectProtocol, direct_connection
from ai_chat.relay.events import DeltaEvent
from ai_chat.relay.log import HANDED_OUT, FrameLog
from tests.unit.relay_fakes import bytes_of, until


class Served:
    """One log behind a real uvicorn."""

    def __init__(self) -> None:
        self.log = FrameLog()
        self.port = 0
        self.direct: list[bool] = []
        self.answered = 0

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await EventStream(self.log)(scope, receive, send)
        self.direct.append(direct_connection(scope) is not None)
        self.answered += 1

    def say(self, *texts: str, last: bool = False) -> None:
        for text in texts:
            self.log.append(DeltaEvent(text))
        if last:
            self.log.append(DeltaEvent("end"), last=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@pytest.fixture(params=[DirectProtocol, "h11"], ids=["direct", "ASGI"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    served = Served()
    config = uvicorn.Config(
        served.app, port=0, http=request.param, interface="asgi3", log_config=None, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    served.port = server.servers[0].sockets[0].getsockname()[1]
    yield served
    assert set(served.direct) <= {request.param is DirectProtocol}
    server.should_exit = server.force_exit = True
    await running


async def test_a_reader_gets_every_frame_as_it_comes(served: Served) -> None:
    served.say("a", "b")
    async with aiohttp.ClientSession() as session, session.get(served.url) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert await response.content.readany() == bytes_of(served.log)
        served.say("c")
        assert await response.content.readany() == bytes_of(served.log, 2)
        served.say("d", last=True)
        assert await response.read() == bytes_of(served.log, 3)


async def test_a_connection_can_be_used_again_after_its_stream(served: Served) -> None:
    served.say("a", last=True)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        for _ in range(3):
            async with session.get(served.url) as response:
                assert await response.read() == bytes_of(served.log)


async def test_a_reader_that_leaves_is_forgotten(served: Served) -> None:
    served.say("a")
    async with aiohttp.ClientSession() as session:
        response = await session.get(served.url)
        await response.content.readany()
        assert len(served.log._readers) == 1
        response.close()
        await until(lambda: served.answered == 1)
    assert served.log._readers == []


async def test_a_reader_that_does_not_read_holds_little_and_gets_all_of_it_later(served: Served) -> None:
    reader = socket.create_connection(("127.0.0.1", served.port))
    reader.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(reader, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await until(lambda: len(served.log._readers) == 1)
    for _ in range(300):
        served.say("x" * 50_000)
        await asyncio.sleep(0)
    served.say(last=True)
    assert served.answered == 0
    got = bytearray()
    while data := await loop.sock_recv(reader, 1 << 20):
        got += data
    reader.close()
    assert _unchunked(bytes(got).partition(b"\r\n\r\n")[2]) == bytes_of(served.log)


async def test_a_reader_that_takes_nothing_is_let_go(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "FULL_SECONDS", 0.05)
    monkeypatch.setattr(event_stream, "KEEP_ALIVE_SECONDS", 0.02)
    reader = socket.create_connection(("127.0.0.1", served.port))
    reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    for _ in range(300):
        served.say("x" * 50_000)
    await until(lambda: served.answered == 1)
    reader.close()


async def test_silence_is_filled_with_comments(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "KEEP_ALIVE_SECONDS", 0.02)
    served.say("a")
    async with aiohttp.ClientSession() as session, session.get(served.url) as response:
        await response.content.readuntil(b": keep-alive\n\n")
        await response.content.readuntil(b": keep-alive\n\n")
        served.say(last=True)
        assert (await response.read()).endswith(bytes_of(served.log, 1))


async def test_a_long_log_goes_out_in_pieces(served: Served) -> None:
    served.say(*["x" * (HANDED_OUT // 3)] * 40, last=True)
    async with aiohttp.ClientSession() as session, session.get(served.url) as response:
        assert await response.read() == bytes_of(served.log)


def _unchunked(data: bytes) -> bytes:
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        body += data[: int(size, 16)]
        data = data[int(size, 16) + 2 :]
    return body
