"""A list of models is read as far as a list can be long, and from the address that the operator named."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ai_chat.features.catalog.ports import SourceUnavailable
from ai_chat.integrations.chat_completions import listing
from ai_chat.integrations.chat_completions.client import Target
from ai_chat.integrations.chat_completions.listing import fetch_list

Row = dict[str, object]


async def models(_request: web.Request) -> web.Response:
    return web.json_response({"data": [{"id": "one"}]})


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" " * 65536)


async def moved(request: web.Request) -> web.Response:
    raise web.HTTPTemporaryRedirect(request.path.replace("/moved", "/v1"))


@pytest.fixture
async def base() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/v1/models", models)
    app.router.add_get("/endless/models", endless)
    app.router.add_get("/moved/models", moved)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def test_a_list_is_read(base: str) -> None:
    async with aiohttp.ClientSession() as session:
        assert await fetch_list(session, Target(f"{base}/v1"), Row) == [{"id": "one"}]


async def test_a_list_without_end_is_not_read_to_its_end(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LARGEST_LIST", 1_000_000)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SourceUnavailable, match="larger than 1000000 bytes"):
            await fetch_list(session, Target(f"{base}/endless"), Row)


async def test_a_refusal_says_its_status(base: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SourceUnavailable, match="HTTP 404"):
            await fetch_list(session, Target(f"{base}/nowhere"), Row)


async def test_a_redirection_is_not_followed(base: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SourceUnavailable, match="HTTP 307"):
            await fetch_list(session, Target(f"{base}/moved"), Row)
