"""The two ways to a model provider behave alike: our own connections, and aiohttp's, which can go through a proxy."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest

from ai_chat.integrations.chat_completions import connection
from ai_chat.integrations.chat_completions.client import Target, stream_answer
from ai_chat.integrations.chat_completions.direct import DirectTransport
from ai_chat.integrations.chat_completions.proxied import ProxiedTransport
from ai_chat.integrations.chat_completions.transport import Next, Transport, TransportFailure
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import UpstreamFailure
from tests.unit.relay_fakes import CollectingSink, plan_for, saying, until

REQUEST = plan_for(saying()).request
HELLO = b'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\ndata: {"choices":[{"delta":{"content":"lo"}}]}\n\n'
END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


WHOLE = CHUNKED + chunk(HELLO) + chunk(END) + b"0\r\n\r\n"


class Provider:
    """A raw server: answers each request with the next script, a list of pieces; None in it closes the connection."""

    def __init__(self) -> None:
        self.scripts: list[list[bytes | None]] = []
        self.requests: list[bytes] = []
        self.connections = self.lost = 0
        self.base = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                for piece in self.scripts.pop(0) if self.scripts else [WHOLE]:
                    if piece is None:
                        return
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.002)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.lost += 1
        finally:
            writer.close()


class Everything:
    """A `Receiver` that keeps what it gets."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.body = b""

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.status, self.headers = status, headers

    def data(self, piece: bytes) -> Next:
        self.body += piece
        return Next.WITH_THE_TICK


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    async with await asyncio.start_server(provider.serve, "127.0.0.1", 0) as server:
        provider.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield provider


@pytest.fixture(params=["direct", "aiohttp"])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    async with aiohttp.ClientSession() as session:
        made: Transport = DirectTransport() if request.param == "direct" else ProxiedTransport(session)
        yield made
        await made.close()


async def answer(transport: Transport, provider: Provider) -> str:
    sink = CollectingSink()
    await stream_answer(transport, Target(provider.base, "sk-secret", {"X-Title": "Ежи"}), REQUEST, sink)
    return sink.text_so_far


async def test_an_answer_is_streamed(transport: Transport, provider: Provider) -> None:
    assert await answer(transport, provider) == "Hello"
    head = provider.requests[0].partition(b"\r\n\r\n")[0]
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:")
    for line in (b"Authorization: Bearer sk-secret", b"Content-Type: application/json", "X-Title: Ежи".encode()):
        assert b"\r\n" + line in head


async def test_however_the_bytes_are_cut_the_answer_is_the_same(transport: Transport, provider: Provider) -> None:
    provider.scripts = [[WHOLE[at : at + size] for at in range(0, len(WHOLE), size)] for size in (3, 7, 50)]
    assert [await answer(transport, provider) for _ in range(3)] == ["Hello"] * 3


@pytest.mark.parametrize("framing", [b"Content-Length: %d\r\n" % len(HELLO + END), b"Connection: close\r\n"])
async def test_answers_may_have_a_length_or_end_with_their_connection(
    framing: bytes, transport: Transport, provider: Provider
) -> None:
    provider.scripts = [[b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n", HELLO, END, None]]
    assert await answer(transport, provider) == "Hello"


async def test_a_connection_is_used_again(transport: Transport, provider: Provider) -> None:
    for _ in range(5):
        assert await answer(transport, provider) == "Hello"
        await asyncio.sleep(0.01)
    assert provider.connections <= 5
    if isinstance(transport, DirectTransport):
        assert provider.connections == 1


async def test_as_many_connections_as_there_are_answers(transport: Transport, provider: Provider) -> None:
    assert await asyncio.gather(*(answer(transport, provider) for _ in range(150))) == ["Hello"] * 150


async def test_a_kept_connection_that_the_server_has_closed_is_replaced(provider: Provider) -> None:
    provider.scripts = [[WHOLE, None], [WHOLE]]
    transport = DirectTransport()
    assert await answer(transport, provider) == "Hello"
    assert await answer(transport, provider) == "Hello"


async def test_a_cut_answer_is_a_failure_and_what_came_stays(transport: Transport, provider: Provider) -> None:
    provider.scripts = [[CHUNKED + chunk(HELLO), None]]
    sink = CollectingSink()
    with pytest.raises(UpstreamFailure) as failure:
        await stream_answer(transport, Target(provider.base), REQUEST, sink)
    assert failure.value.code == ErrorCode.UPSTREAM_DISCONNECTED
    assert sink.text_so_far == "Hello"


async def test_no_answer_at_all_is_a_failure(transport: Transport, provider: Provider) -> None:
    provider.scripts = [[None]] * 3
    with pytest.raises(TransportFailure):
        await transport.post(provider.base, {}, b"{}", Everything())


async def test_what_is_no_http_is_a_failure(transport: Transport, provider: Provider) -> None:
    provider.scripts = [[b"SSH-2.0-OpenSSH_9.2\r\n\r\n", None]] * 3
    with pytest.raises(TransportFailure):
        await transport.post(provider.base, {}, b"{}", Everything())


async def test_a_server_that_is_away_is_named(transport: Transport) -> None:
    with pytest.raises(TransportFailure, match=r"127\.0\.0\.1:9"):
        await transport.post("http://127.0.0.1:9/v1", {}, b"{}", Everything())
    with pytest.raises(TransportFailure):
        await transport.post("http://no-such-host.invalid/v1", {}, b"{}", Everything())


async def test_an_announcement_before_the_answer_is_passed_over(transport: Transport, provider: Provider) -> None:
    provider.scripts = [[b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE]]
    assert await answer(transport, provider) == "Hello"


async def test_a_redirection_is_an_answer_and_nothing_goes_elsewhere(transport: Transport, provider: Provider) -> None:
    provider.scripts = [[b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\n", b"no"]]
    everything = Everything()
    await transport.post(provider.base, {}, b"{}", everything)
    assert (everything.status, everything.headers["location"], everything.body) == (307, "/elsewhere", b"no")
    assert len(provider.requests) == 1


async def test_cancelling_breaks_the_connection_off(transport: Transport, provider: Provider) -> None:
    provider.scripts = [[CHUNKED + chunk(HELLO), *[chunk(b": still here\n\n")] * 500]]
    sink = CollectingSink()
    asking = asyncio.create_task(stream_answer(transport, Target(provider.base), REQUEST, sink))
    await until(lambda: sink.text_so_far == "Hello")
    asking.cancel()
    await until(lambda: provider.lost == 1)


async def test_what_the_receiver_raises_ends_the_exchange(transport: Transport, provider: Provider) -> None:
    provider.scripts = [
        [CHUNKED + chunk(b'data: {"error":{"code":503,"message":"busy"}}\n\n'), *[chunk(b":\n\n")] * 500]
    ]
    with pytest.raises(UpstreamFailure) as failure:
        await answer(transport, provider)
    assert failure.value.code == ErrorCode.UPSTREAM_RATE_LIMITED
    await until(lambda: provider.lost == 1)


async def test_a_header_cannot_be_smuggled_in(transport: Transport, provider: Provider) -> None:
    with pytest.raises((TransportFailure, ValueError)):
        await transport.post(provider.base, {"X-A": "1\r\nX-B: 2"}, b"{}", Everything())


async def test_a_head_without_end_is_given_up(provider: Provider) -> None:
    provider.scripts = [[b"HTTP/1.1 200 OK\r\nX: ", *[b"x" * 16384] * 8]]
    with pytest.raises(TransportFailure, match="a head of more than"):
        await DirectTransport().post(provider.base, {}, b"{}", Everything())


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_what_is_compressed_is_unpacked(encoding: str, transport: Transport, provider: Provider) -> None:
    packed = gzip.compress(HELLO + END) if encoding == "gzip" else zlib.compress(HELLO + END)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    provider.scripts = [[head, *[packed[at : at + 20] for at in range(0, len(packed), 20)]]]
    assert await answer(transport, provider) == "Hello"


async def test_compression_is_not_asked_for_and_what_is_not_known_is_refused(provider: Provider) -> None:
    provider.scripts = [[b"HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\nContent-Length: 3\r\n\r\nabc"]]
    with pytest.raises(TransportFailure, match="compressed by rot13"):
        await DirectTransport().post(provider.base, {}, b"{}", Everything())
    assert b"\r\nAccept-Encoding: identity\r\n" in provider.requests[0]


async def test_an_unused_connection_is_closed_in_time(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "KEPT_SECONDS", 0.01)
    transport = DirectTransport()
    assert await answer(transport, provider) == "Hello"
    await until(lambda: provider.lost == 1)
    assert await answer(transport, provider) == "Hello"


async def test_done_ends_the_answer_though_the_connection_stays(provider: Provider) -> None:
    provider.scripts = [[CHUNKED + chunk(HELLO) + chunk(END), b"", b"0\r\n\r\n"]]
    transport = DirectTransport()
    assert await answer(transport, provider) == "Hello"
    await asyncio.sleep(0.05)
    assert await answer(transport, provider) == "Hello"
    assert provider.connections == 1


async def test_an_exchange_cancelled_the_moment_after_its_end_leaves_its_connection_alone(provider: Provider) -> None:
    transport, loop = DirectTransport(), asyncio.get_running_loop()

    class Cancelling(Everything):
        def data(self, piece: bytes) -> Next:
            if b"[DONE]" in piece:
                loop.call_soon(asking.cancel)  # after the end, and before the one who asked wakes up
            return Next.AT_ONCE

    provider.scripts = [[WHOLE]]
    asking = asyncio.create_task(transport.post(provider.base + "/chat/completions", {}, b"{}", Cancelling()))
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await answer(transport, provider) == "Hello"
    assert provider.connections == 1
