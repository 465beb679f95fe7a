"""Our own connections in TLS: the same answers, from nobody but the server that was meant."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ai_chat.integrations.chat_completions import direct
from ai_chat.integrations.chat_completions.channel import client_context
from ai_chat.integrations.chat_completions.client import Target, stream_answer
from ai_chat.integrations.chat_completions.direct import DirectTransport
from ai_chat.integrations.chat_completions.transport import TransportFailure
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import UpstreamFailure
from tests.contracts.test_transports import CHUNKED, END, HELLO, REQUEST, WHOLE, Everything, Provider, answer, chunk
from tests.unit.relay_fakes import CollectingSink, until

CERTIFICATES = Path(__file__).parent / "certificates"
"""Made by `openssl req -x509` for a hundred years, each with its key: nothing is secret about them."""


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both certificates are trusted, as an operator would trust his own: by OpenSSL's variable."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "localhost.pem"))
    client_context.cache_clear()
    client_context().load_verify_locations(CERTIFICATES / "elsewhere.pem")
    yield
    client_context.cache_clear()


async def serving(certificate: str, version: ssl.TLSVersion) -> AsyncIterator[Provider]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / certificate)
    context.minimum_version = context.maximum_version = version
    provider = Provider()
    async with await asyncio.start_server(provider.serve, "127.0.0.1", 0, ssl=context) as server:
        provider.base = f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
        yield provider


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    async for provider in serving("localhost.pem", request.param):
        yield provider


@pytest.fixture
async def impostor() -> AsyncIterator[Provider]:
    async for provider in serving("elsewhere.pem", ssl.TLSVersion.TLSv1_3):
        yield provider


async def test_answers_come_one_after_another_on_one_connection(provider: Provider) -> None:
    transport = DirectTransport()
    for _ in range(3):
        assert await answer(transport, provider) == "Hello"
    assert provider.connections == 1
    await transport.close()
    await until(lambda: provider.lost == 1)


async def test_however_the_bytes_are_cut_the_answer_is_the_same(provider: Provider) -> None:
    provider.scripts = [[WHOLE[at : at + size] for at in range(0, len(WHOLE), size)] for size in (3, 50)]
    transport = DirectTransport()
    assert [await answer(transport, provider) for _ in range(2)] == ["Hello"] * 2
    await transport.close()


async def test_megabytes_go_and_come_whole(provider: Provider) -> None:
    size = 3 * 1024 * 1024  # many records, more than one reading, more than the sockets hold
    provider.scripts = [[b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size, bytes(size)]]
    everything, transport = Everything(), DirectTransport()
    await transport.post(provider.base, {}, bytes(size), everything)
    assert everything.body == bytes(size)
    assert provider.requests[0].endswith(bytes(size))
    await transport.close()


async def test_a_cut_answer_is_a_failure_and_what_came_stays(provider: Provider) -> None:
    provider.scripts = [[CHUNKED + chunk(HELLO), None]]
    sink = CollectingSink()
    with pytest.raises(UpstreamFailure) as failure:
        await stream_answer(DirectTransport(), Target(provider.base), REQUEST, sink)
    assert failure.value.code == ErrorCode.UPSTREAM_DISCONNECTED
    assert sink.text_so_far == "Hello"


async def test_an_answer_may_end_with_its_connection(provider: Provider) -> None:
    provider.scripts = [[b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", HELLO, END, None]]
    assert await answer(DirectTransport(), provider) == "Hello"


async def test_a_certificate_of_another_name_is_refused_before_anything_is_said(impostor: Provider) -> None:
    with pytest.raises(TransportFailure, match="not valid for 'localhost'"):
        await DirectTransport().post(impostor.base, {"Authorization": "Bearer sk-secret"}, b"{}", Everything())
    assert impostor.requests == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "elsewhere.pem"))
    client_context.cache_clear()
    with pytest.raises(TransportFailure, match="certificate verify failed"):
        await DirectTransport().post(provider.base, {}, b"{}", Everything())
    assert provider.requests == []


async def test_a_server_without_tls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for more of what it takes for a request, so patience has to end."""
    monkeypatch.setattr(direct, "CONNECT_SECONDS", 0.5)
    provider = Provider()
    async with await asyncio.start_server(provider.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TransportFailure):
            await DirectTransport().post(f"https://localhost:{port}/v1", {}, b"{}", Everything())
