"""`GET /api/events`: what changes in an account is told to all its open pages."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from ai_chat.features.accounts.live import MOST_WAITING, LiveEvents
from ai_chat.features.accounts.live_events import SessionEndedEvent, SubscriptionChangedEvent
from tests.api.helpers import assert_refused
from tests.product import PASSWORD, Api, Product

both = pytest.mark.parametrize("backend", ["sqlite", "sqlite+redis"], indirect=True)


class Page:
    """An open page: reads its events one by one."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.cursor = ""

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            async for raw in self.response.content:
                line = raw.decode().rstrip("\n")
                if line.startswith("id: "):
                    self.cursor = line[4:]
                elif line.startswith("data: "):
                    return dict(json.loads(line[6:]))
        return {"type": "over"}

    async def types(self, count: int) -> list[str]:
        return [str((await self.next())["type"]) for _ in range(count)]


@asynccontextmanager
async def page(user: Api, query: str = "", **headers: str) -> AsyncIterator[Page]:
    """A page that was greeted."""
    async with user.session.get(f"{user.url}/api/events{query}", headers=user.headers(headers)) as response:
        assert response.status == 200, await response.text()
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-cache"
        opened = Page(response)
        hello = await opened.next()
        assert hello == {"type": "hello", "cursor": opened.cursor}
        yield opened


def live_of(product: Product) -> LiveEvents:
    live = product.app.state.parts[LiveEvents]
    assert isinstance(live, LiveEvents)
    return live


@both
async def test_all_pages_hear_of_chats_and_of_answers(product: Product) -> None:
    user = await product.user()
    async with page(user) as one, page(user) as other:
        chat = await user.new_chat(title=None)
        stream = await user.send(chat, "Расскажи о ежах")
        named = [[await reader.next() for _ in range(5)] for reader in (one, other)]
        await user.patch(f"/api/chat/{chat}", {"title": "Ежи"})
        await user.delete(f"/api/chat/{chat}")
        start = stream.start
        ids = {"chatId": chat, "generationId": start["generationId"], "messageId": start["messageId"]}
        for reader, events in zip((one, other), named, strict=True):
            assert events[0]["type"] == "chat.created"
            assert (events[1]["type"], events[1]["title"]) == ("chat.updated", "Расскажи о ежах")
            assert events[2] == {"type": "generation.started", **ids}
            assert events[3] == {"type": "generation.ended", **ids, "status": "complete"}
            assert (events[4]["type"], events[4]["chatId"]) == ("chat.updated", chat)
            assert "Расскажи о ежах" in events[4]["title"], "the name that a model made of question and answer"
            arranged = {"pinned": False, "archived": False, "folderId": None}
            assert await reader.next() == {"type": "chat.updated", "chatId": chat, "title": "Ежи", **arranged}
            assert await reader.next() == {"type": "chat.deleted", "chatId": chat}


@both
@pytest.mark.parametrize("how", ["header", "query"])
async def test_a_page_that_comes_back_hears_what_it_missed(product: Product, how: str) -> None:
    user = await product.user()
    async with page(user) as first:
        await user.new_chat(title="One")
        assert (await first.next())["title"] == "One"
        cursor = first.cursor
    await user.new_chat(title="Two")
    query, headers = (f"?cursor={cursor}", {}) if how == "query" else ("", {"Last-Event-ID": cursor})
    async with page(user, query, **headers) as again:
        assert (await again.next())["title"] == "Two"


@both
async def test_a_page_with_an_unknown_cursor_is_told_to_read_everything_anew(product: Product) -> None:
    user = await product.user()
    async with page(user) as first:
        for cursor in (first.cursor + "9" * 7000, first.cursor.partition("-")[0] + "-x", "%s" * 100, "-"):
            async with page(user, **{"Last-Event-ID": cursor}) as opened:
                assert await opened.next() == {"type": "reset"}
    async with page(user, "?cursor=long-ago") as opened:
        assert await opened.next() == {"type": "reset"}
        await user.new_chat()
        assert (await opened.next())["type"] == "chat.created"


@both
async def test_nobody_hears_of_other_people_s_chats(product: Product) -> None:
    user, stranger = await product.user(), await product.user()
    async with page(user) as mine:
        await stranger.new_chat(title="Secret")
        await user.new_chat(title="Mine")
        assert (await mine.next())["title"] == "Mine"


async def test_only_signed_in_people_have_a_channel(product: Product) -> None:
    assert_refused(await product.anonymous.get("/api/events"), 401, "UNAUTHORIZED")
    user = await product.user()
    login = {"email": user.user["email"], "password": PASSWORD}
    cookie = (await product.anonymous.post("/api/auth/login", login)).headers["Set-Cookie"].partition(";")[0]
    answer = await product.anonymous.get("/api/events", headers={"Cookie": cookie})
    assert_refused(answer, 401, "UNAUTHORIZED")


@both
async def test_signing_out_ends_the_channel_of_that_session_and_of_no_other(product: Product) -> None:
    user = await product.user()
    login = {"email": user.user["email"], "password": PASSWORD}
    token = (await product.anonymous.post("/api/auth/login", login)).data["token"]
    other = Api(product.session, product.url, token)
    async with page(user) as leaving, page(other) as staying:
        await user.post("/api/auth/logout")
        assert await leaving.types(2) == ["session.ended", "over"]
        live_of(product).publish(next(iter(live_of(product).readers)).user_id, SubscriptionChangedEvent())
        assert await staying.next() == {"type": "subscription.changed"}


async def test_all_sessions_of_an_account_can_be_ended(product: Product) -> None:
    user = await product.user()
    async with page(user) as one, page(user) as other:
        live_of(product).publish(next(iter(live_of(product).readers)).user_id, SessionEndedEvent())
        for reader in (one, other):
            assert await reader.types(2) == ["session.ended", "over"]


async def test_a_reader_that_takes_nothing_is_let_go_and_forgotten(product: Product) -> None:
    user = await product.user()
    async with page(user):
        (reader,) = live_of(product).readers
        for _ in range(MOST_WAITING + 1):
            reader.receive("1-1", b"{}")
        assert reader.ended.is_set()
        async with asyncio.timeout(10):
            while live_of(product).readers:
                await asyncio.sleep(0.01)


async def test_channels_end_when_the_server_stops_and_none_is_opened_any_more(product: Product) -> None:
    user = await product.user()
    async with page(user) as opened:
        live_of(product).close_all()
        assert await opened.types(1) == ["over"]
    assert_refused(await user.get("/api/events"), 503, "SHUTTING_DOWN")
