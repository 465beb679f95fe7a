"""Redis goes, hangs, comes back, or is not there at the start: nothing opens, nothing hangs, nothing has to be restarted."""

import asyncio
from pathlib import Path
from typing import Literal

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.api.helpers import assert_refused
from tests.product import PASSWORD, Api, Product, running_product
from tests.services.valkey import ValkeyServer

SOON = 8.0
"""Longer than any patience with Redis, shorter than anybody's with us."""

with_redis = pytest.mark.parametrize("backend", ["sqlite+redis"], indirect=True)


class Away:
    """Takes Redis away and gives it back."""

    def __init__(self, server: ValkeyServer, how: Literal["killed", "frozen"]) -> None:
        self._server = server
        self._frozen = how == "frozen"

    def begin(self) -> None:
        self._server.freeze() if self._frozen else self._server.kill()

    def end(self) -> None:
        self._server.thaw() if self._frozen else self._server.start()


@pytest.fixture(params=["killed", "frozen"])
def away(request: pytest.FixtureRequest, valkey_server: ValkeyServer) -> Away:
    return Away(valkey_server, request.param)


@with_redis
async def test_everything_goes_on_without_it_and_returns_to_it(product: Product, away: Away) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.session.get(f"{user.url}/api/events", headers=user.headers()) as events:
        assert b"id: " in await events.content.readline()
        away.begin()
        try:
            async with asyncio.timeout(SOON * 4):
                assert (await user.send(chat, "Without")).last["type"] == "done"
                assert (await user.follow(chat)) is not None
                assert (await user.post(f"/api/chat/{chat}/stop")).data == {"stopped": False}
                signed_in = await sign_in(product, user, PASSWORD)
                assert signed_in == 200
                assert_refused(await user.get("/api/events"), 503, "SERVICE_UNAVAILABLE")
        finally:
            away.end()
        heard = b""
        async with asyncio.timeout(30):
            while b"generation.ended" not in heard and b"reset" not in heard:
                heard += await events.content.readline()
    async with asyncio.timeout(30):
        while (await opened(user)) != 200:
            await asyncio.sleep(0.1)


@with_redis
async def test_sign_ins_stay_limited_while_it_is_away(product: Product, away: Away) -> None:
    user = await product.user()
    away.begin()
    try:
        async with asyncio.timeout(SOON * 4):
            statuses = [await sign_in(product, user, "wrong") for _ in range(30)]
    finally:
        away.end()
    assert statuses[0] == 401
    assert statuses[-1] == 429


async def test_it_may_be_away_when_the_server_starts(
    tmp_path: Path, emulator: Emulator, valkey_server: ValkeyServer, away: Away
) -> None:
    url = valkey_server.url
    away.begin()
    try:
        async with asyncio.timeout(SOON * 4), running_product(
            data_dir=tmp_path / "other", emulator=emulator, redis_url=url
        ) as product:  # fmt: skip
            user = await product.user()
            chat = await user.new_chat()
            assert (await user.send(chat, "Hello")).last["type"] == "done"
            assert await opened(user) == 503
            away.end()
            while await opened(user) != 200:
                await asyncio.sleep(0.1)
    finally:
        away.end()


async def sign_in(product: Product, user: Api, password: str) -> int:
    account = {"email": user.user["email"], "password": password}
    return (await product.anonymous.post("/api/auth/login", account)).status


async def opened(user: Api) -> int:
    """The status of a live channel that is opened and left."""
    async with user.session.get(f"{user.url}/api/events", headers=user.headers()) as response:
        return response.status
