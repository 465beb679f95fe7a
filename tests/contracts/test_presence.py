"""Workers show that they live, and are missed when they do not."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ai_chat.signals.presence import MemoryPresence
from ai_chat.signals.redis_presence import RedisPresence
from tests.services.valkey import ValkeyServer


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_one_process_misses_nobody() -> None:
    assert await MemoryPresence().missing({"another"}) == ()


async def test_a_worker_is_missed_soon_after_it_died_and_not_before(valkey_server: ValkeyServer) -> None:
    one, other = RedisPresence(valkey_server.url, "one"), RedisPresence(valkey_server.url, "other")
    living, dying = asyncio.create_task(one.run()), asyncio.create_task(other.run())

    async def nobody_is_missing() -> bool:
        return not await one.missing({"one", "other"})

    async def the_dead_one_is_missing() -> bool:
        return set(await one.missing({"one", "other"})) == {"other"}

    try:
        await until(nobody_is_missing)
        assert set(await one.missing({"one", "stranger"})) == {"stranger"}
        dying.cancel()
        await until(the_dead_one_is_missing)
    finally:
        living.cancel()
        dying.cancel()
        await asyncio.gather(living, dying, return_exceptions=True)


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_nobody_is_missed_who_cannot_be_looked_for(valkey_server: ValkeyServer, how: str) -> None:
    one = RedisPresence(valkey_server.url, "one")
    living = asyncio.create_task(one.run())
    if how == "killed":
        valkey_server.kill()
    else:
        valkey_server.freeze()
    try:
        assert not await one.missing({"one", "other"})
    finally:
        valkey_server.thaw() if how == "frozen" else valkey_server.start()
    try:

        async def it_shows_itself_again() -> bool:
            return set(await one.missing({"one", "other"})) == {"other"}

        await until(it_shows_itself_again)
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
