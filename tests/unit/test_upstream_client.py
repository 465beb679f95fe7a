"""A conversation goes to the address that the operator named, and nothing of it, nor any password, to the log."""

from collections.abc import AsyncIterator
from math import inf

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ai_chat.emulators.openrouter import Emulator
from ai_chat.integrations.chat_completions import client
from ai_chat.integrations.chat_completions.client import Target, stream_answer
from ai_chat.integrations.chat_completions.direct import DirectTransport
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import UpstreamFailure
from tests.unit.relay_fakes import CollectingSink, plan_for, saying

REQUEST = plan_for(saying()).request


class Provider:
    """A server with an address that answers, and one that sends the asker to it."""

    base: str

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.Response(text='data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n')

    async def moved(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.Response(status=int(request.match_info["status"]), headers={"Location": "/v1/chat/completions"})


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider, app = Provider(), web.Application()
    app.router.add_post("/v1/chat/completions", provider.answer)
    app.router.add_post("/{status}/chat/completions", provider.moved)
    async with TestServer(app) as server:
        provider.base = str(server.make_url("")).rstrip("/")
        yield provider


async def test_an_answer_is_streamed(provider: Provider) -> None:
    sink = CollectingSink()
    await stream_answer(DirectTransport(), Target(f"{provider.base}/v1"), REQUEST, sink)
    assert (sink.text_so_far, sink.finish_reason) == ("Hi", "stop")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirection_is_an_error_and_the_conversation_goes_nowhere_else(
    status: int, provider: Provider
) -> None:
    sink = CollectingSink()
    with pytest.raises(UpstreamFailure, match=f"HTTP {status}") as failure:
        await stream_answer(DirectTransport(), Target(f"{provider.base}/{status}"), REQUEST, sink)
    assert failure.value.code == ErrorCode.UPSTREAM_ERROR
    assert (provider.asked, sink.text_so_far) == ([f"/{status}/chat/completions"], "")


async def test_comments_do_not_count_as_a_sign_of_life_and_the_wait_is_not_repeated(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "IDLE_SECONDS", 0.3)
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.3)
    emulator.admin.fault("stall;after=3;keepalive_ms=20")
    sink = CollectingSink()
    with pytest.raises(UpstreamFailure) as failure:
        await stream_answer(DirectTransport(), Target(emulator.base_url, emulator.api_key), REQUEST, sink)
    assert (failure.value.code, failure.value.kind) == (ErrorCode.UPSTREAM_TIMEOUT, "timeout")
    assert failure.value.retry_after == inf
    assert sink.text_so_far
