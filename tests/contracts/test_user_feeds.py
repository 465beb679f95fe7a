"""What is published for a user reaches all readers, in order, on any worker: in one process, and through a real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from ai_chat.features.accounts.live import UserFeeds
from ai_chat.signals.redis_feeds import RedisUserFeeds
from ai_chat.signals.user_feeds import MemoryUserFeeds
from tests.services.valkey import ValkeyServer

KEPT = 8


class Reader:
    """A reader with all that it was handed; `lost` counts how often it was told that something may be missing."""

    def __init__(self) -> None:
        self.cursor = ""
        self.events: list[str] = []
        self.lost = 0

    def begin(self, cursor: str, *, known: bool) -> None:
        self.cursor = cursor
        self.lost += not known

    def receive(self, cursor: str, event: bytes) -> None:
        self.cursor = cursor
        self.events.append(event.decode())


async def reading(feeds: UserFeeds, key: UUID, cursor: str | None = None) -> Reader:
    reader = Reader()
    await feeds.follow(key, cursor, reader)
    return reader


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(*feeds: UserFeeds) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in feeds]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture(params=["memory", "redis"])
async def workers(request: pytest.FixtureRequest) -> AsyncIterator[tuple[UserFeeds, UserFeeds]]:
    """Two workers that share what is published."""
    one: UserFeeds
    other: UserFeeds
    if request.param == "memory":
        shared: dict[UUID, Any] = {}
        one, other = MemoryUserFeeds(shared, events=KEPT), MemoryUserFeeds(shared, events=KEPT)
    else:
        server: ValkeyServer = request.getfixturevalue("valkey_server")
        one, other = RedisUserFeeds(server.url, events=KEPT), RedisUserFeeds(server.url, events=KEPT)
    async with running(one, other):
        yield one, other


Workers = tuple[UserFeeds, UserFeeds]


async def test_all_readers_on_all_workers_hear_everything_in_order(workers: Workers) -> None:
    key, (one, other) = uuid4(), workers
    readers = [await reading(one, key), await reading(one, key), await reading(other, key)]
    expected = [f"event {number}" for number in range(40)]
    for event in expected:
        one.publish(key, event.encode())
        await asyncio.sleep(0.005)
    await until(lambda: all(len(reader.events) >= 40 for reader in readers))
    assert [reader.events for reader in readers] == [expected] * 3
    assert [reader.lost for reader in readers] == [0] * 3


async def test_nobody_hears_what_is_meant_for_somebody_else(workers: Workers) -> None:
    mine, other = uuid4(), uuid4()
    reader, stranger = await reading(workers[1], mine), await reading(workers[1], other)
    workers[0].publish(other, b"theirs")
    workers[0].publish(mine, b"mine")
    await until(lambda: reader.events and stranger.events)
    assert (reader.events, stranger.events) == (["mine"], ["theirs"])


async def test_a_reader_that_comes_back_gets_what_it_missed_on_either_worker(workers: Workers) -> None:
    key, (one, other) = uuid4(), workers
    first = await reading(one, key)
    one.publish(key, b"1")
    await until(lambda: first.events)
    one.unfollow(key, first)
    witness = await reading(one, key)
    for event in (b"2", b"3"):
        other.publish(key, event)
    await until(lambda: len(witness.events) == 2)
    again = await reading(other, key, first.cursor)
    one.publish(key, b"4")
    await until(lambda: len(again.events) >= 3)
    assert (first.events, again.events, again.lost) == (["1"], ["2", "3", "4"], 0)
    assert witness.events == ["2", "3", "4"]


async def test_the_first_cursor_is_enough_to_come_back(workers: Workers) -> None:
    key = uuid4()
    first = await reading(workers[0], key)
    workers[0].unfollow(key, first)
    workers[1].publish(key, b"meanwhile")
    again = await reading(workers[1], key, first.cursor)
    await until(lambda: again.events)
    assert (again.events, again.lost) == (["meanwhile"], 0)


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "0-0", "1-1", "99999999999999999999-1", "½-²", f"{UUID(int=7).hex}-3"]
)
async def test_a_reader_with_an_unknown_cursor_is_told_and_goes_on_from_now(workers: Workers, cursor: str) -> None:
    key = uuid4()
    reader = await reading(workers[0], key, cursor)
    assert reader.lost == 1
    workers[1].publish(key, b"new")
    await until(lambda: reader.events)
    assert reader.events == ["new"]


async def test_a_reader_that_was_away_too_long_is_told(workers: Workers) -> None:
    key = uuid4()
    first, witness = await reading(workers[0], key), await reading(workers[0], key)
    workers[0].unfollow(key, first)
    for number in range(KEPT + 2):
        workers[0].publish(key, str(number).encode())
    await until(lambda: len(witness.events) == KEPT + 2 or witness.lost)
    assert (await reading(workers[1], key, first.cursor)).lost == 1


async def test_who_has_left_hears_nothing_more(workers: Workers) -> None:
    key = uuid4()
    gone, here = await reading(workers[0], key), await reading(workers[0], key)
    workers[0].unfollow(key, gone)
    workers[0].unfollow(key, gone)
    workers[1].publish(key, b"x")
    await until(lambda: here.events)
    assert gone.events == []


async def test_nothing_is_kept_for_users_whom_nobody_reads(valkey_server: ValkeyServer) -> None:
    key, memory = uuid4(), MemoryUserFeeds(seconds=0.01)
    memory.publish(key, b"x")
    reader = await reading(memory, key)
    memory.unfollow(key, reader)
    await until(lambda: not memory._feeds)
    redis = RedisUserFeeds(valkey_server.url)
    async with running(redis), Redis.from_url(valkey_server.url) as stranger:
        witness = await reading(redis, other := uuid4())
        redis.publish(key, b"x")
        redis.publish(other, b"y")
        await until(lambda: witness.events)
        assert not await stranger.exists(f"ai-chat:feed:{key}")
        assert 0 < await stranger.ttl(f"ai-chat:feed:{other}") <= 600


async def test_readers_hear_again_after_redis_was_restarted_and_are_told_that_it_was_empty(
    valkey_server: ValkeyServer,
) -> None:
    key, one, other = uuid4(), RedisUserFeeds(valkey_server.url), RedisUserFeeds(valkey_server.url)
    async with running(one, other):
        reader = await reading(other, key)
        valkey_server.kill()
        try:
            one.publish(key, b"while it was away")
            with pytest.raises(OSError):
                await reading(one, key)
        finally:
            valkey_server.start()
        await until(lambda: reader.lost)
        one.publish(key, b"after")
        await until(lambda: "after" in reader.events)
        back = await reading(one, key, reader.cursor)
        assert back.lost == 0


async def test_a_feed_that_was_lost_unnoticed_is_begun_anew(valkey_server: ValkeyServer) -> None:
    key, feeds = uuid4(), RedisUserFeeds(valkey_server.url)
    async with running(feeds), Redis.from_url(valkey_server.url) as stranger:
        reader = await reading(feeds, key)
        await stranger.delete(f"ai-chat:feed:{key}")
        feeds.publish(key, b"lost")
        await until(lambda: reader.lost)
        feeds.publish(key, b"heard")
        await until(lambda: reader.events)
        assert reader.events == ["heard"]


async def test_what_is_too_much_to_wait_for_redis_makes_its_readers_read_anew(
    valkey_server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ai_chat.signals.redis_feeds._MOST_UNSENT", 2)
    key, feeds = uuid4(), RedisUserFeeds(valkey_server.url)
    async with running(feeds):
        reader = await reading(feeds, key)
        for number in range(3):
            feeds.publish(key, str(number).encode())
        await until(lambda: reader.lost)
