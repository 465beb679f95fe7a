"""The operator's proxy is told its password; the log, the provider and the errors are not."""

import asyncio
import base64
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from ai_chat.features.catalog.ports import SourceUnavailable
from ai_chat.integrations.chat_completions.client import Target, stream_answer
from ai_chat.integrations.chat_completions.listing import fetch_list
from ai_chat.integrations.chat_completions.proxied import ProxiedTransport
from ai_chat.kernel.errors import ErrorCode
from ai_chat.outgoing import http_session
from ai_chat.relay.upstream import UpstreamFailure
from tests.unit.relay_fakes import CollectingSink, plan_for, saying

REQUEST = plan_for(saying()).request
PASSWORD = "pa:ss@wörd"
SIGNED_IN = "Basic " + base64.b64encode(f"us er:{PASSWORD}".encode()).decode()
REFUSAL = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
ANSWER = b'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'


class Proxy:
    """Answers every request, and every CONNECT, with the same bytes."""

    def __init__(self) -> None:
        self.answer = REFUSAL
        self.heads: list[str] = []
        self.address = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(self.answer)
        await writer.drain()
        writer.close()

    def sign(self, name_and_password: str) -> SecretStr:
        return SecretStr(f"http://{name_and_password}{self.address}")


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    proxy = Proxy()
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
        proxy.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield proxy


SIGNATURE = "us%20er:pa%3Ass%40w%C3%B6rd@"


async def test_a_proxy_that_refuses_our_password_does_not_bring_it_into_the_log(proxy: Proxy) -> None:
    async with http_session(proxy.sign(SIGNATURE)) as session:
        target = Target("https://models.example/v1")
        with pytest.raises(UpstreamFailure) as failure:
            await stream_answer(ProxiedTransport(session), target, REQUEST, CollectingSink())
        with pytest.raises(SourceUnavailable) as unavailable:
            await fetch_list(session, target, dict)
    assert failure.value.code == ErrorCode.UPSTREAM_DISCONNECTED
    for said in (failure.value.detail, str(unavailable.value), repr(failure.value.__cause__)):
        assert "407" in said
        assert not any(secret in said for secret in (PASSWORD, "us er", "us%20er", "rd@"))
    assert all(head.startswith("CONNECT models.example:443 ") for head in proxy.heads)
    assert all(f"Proxy-Authorization: {SIGNED_IN}\r\n" in head for head in proxy.heads)


async def test_a_request_that_the_proxy_reads_carries_the_password_too(proxy: Proxy) -> None:
    proxy.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(ANSWER), ANSWER)
    sink = CollectingSink()
    async with http_session(proxy.sign(SIGNATURE)) as session:
        await stream_answer(ProxiedTransport(session), Target("http://models.example/v1"), REQUEST, sink)
    assert sink.text_so_far == "Hi"
    assert proxy.heads[0].startswith("POST http://models.example/v1/chat/completions ")
    assert f"Proxy-Authorization: {SIGNED_IN}\r\n" in proxy.heads[0]


async def test_a_proxy_without_a_password_is_told_none(proxy: Proxy) -> None:
    async with http_session(proxy.sign("")) as session:
        with pytest.raises(UpstreamFailure, match="407 from"):
            await stream_answer(
                ProxiedTransport(session), Target("https://models.example/v1"), REQUEST, CollectingSink()
            )
    assert "Proxy-Authorization" not in proxy.heads[0]


async def test_a_proxy_that_is_away_is_named_by_host_and_port(proxy: Proxy) -> None:
    async with http_session(SecretStr("http://user:hunter2@127.0.0.1:9")) as session:
        with pytest.raises(UpstreamFailure) as failure:
            await stream_answer(
                ProxiedTransport(session), Target("https://models.example/v1"), REQUEST, CollectingSink()
            )
    assert "ClientProxyConnectionError" in failure.value.detail
    assert "hunter2" not in failure.value.detail
