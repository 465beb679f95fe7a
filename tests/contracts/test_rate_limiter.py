"""Both rate limiters, in process and in Redis, count the same; and Redis being away neither opens the door nor hangs."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from ai_chat.signals import rate_limiter
from ai_chat.signals.rate_limiter import Limit, MemoryRateLimiter, RateLimiter, RedisRateLimiter
from tests.services.valkey import ValkeyServer

THREE_A_MINUTE = Limit(3, 60)


@pytest.fixture(params=["memory", "redis"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[RateLimiter]:
    if request.param == "memory":
        yield MemoryRateLimiter()
        return
    server: ValkeyServer = request.getfixturevalue("valkey_server")
    made = RedisRateLimiter(server.url)
    yield made
    await made.close()


@pytest.fixture
def key() -> str:
    return f"test:{uuid4()}"


async def hits(limiter: RateLimiter, limit: Limit, key: str, count: int) -> list[bool]:
    return [await limiter.hit(limit, key) for _ in range(count)]


async def test_exactly_the_limit_is_let_through(limiter: RateLimiter, key: str) -> None:
    assert await hits(limiter, THREE_A_MINUTE, key, 5) == [True, True, True, False, False]


async def test_parallel_hits_are_counted_exactly(limiter: RateLimiter, key: str) -> None:
    results = await asyncio.gather(*(limiter.hit(Limit(10, 60), key) for _ in range(100)))
    assert sum(results) == 10


async def test_looking_counts_nothing(limiter: RateLimiter, key: str) -> None:
    for _ in range(10):
        assert await limiter.is_open(THREE_A_MINUTE, key)
    await hits(limiter, THREE_A_MINUTE, key, 3)
    assert not await limiter.is_open(THREE_A_MINUTE, key)


async def test_it_says_for_how_many_there_is_room(limiter: RateLimiter, key: str) -> None:
    await hits(limiter, THREE_A_MINUTE, key, 1)
    assert [await limiter.is_open(THREE_A_MINUTE, key, room) for room in (1, 2, 3, 4)] == [True, True, False, False]


async def test_keys_do_not_know_each_other(limiter: RateLimiter, key: str) -> None:
    await hits(limiter, THREE_A_MINUTE, key, 3)
    assert await limiter.hit(THREE_A_MINUTE, f"{key}:other")


@pytest.mark.parametrize("strange", ["кто@пример.рф", "a b:c/d%e", "x" * 300, "::1", "*", "line\nbreak"])
async def test_any_text_can_be_a_key(strange: str, limiter: RateLimiter, key: str) -> None:
    assert await hits(limiter, Limit(1, 60), f"{key}{strange}", 2) == [True, False]


async def test_a_forgotten_key_starts_anew(limiter: RateLimiter, key: str) -> None:
    await hits(limiter, THREE_A_MINUTE, key, 4)
    await limiter.clear(THREE_A_MINUTE, key)
    assert await hits(limiter, THREE_A_MINUTE, key, 4) == [True, True, True, False]


async def test_forgetting_what_was_never_counted_is_no_trouble(limiter: RateLimiter, key: str) -> None:
    await limiter.clear(THREE_A_MINUTE, key)
    assert await limiter.is_open(THREE_A_MINUTE, key)


async def test_the_window_opens_when_its_oldest_hit_leaves_it(limiter: RateLimiter, key: str) -> None:
    limit = Limit(2, 1)
    assert await hits(limiter, limit, key, 3) == [True, True, False]
    await asyncio.sleep(1.1)
    assert await limiter.hit(limit, key)


async def test_it_says_when_a_full_window_opens(limiter: RateLimiter, key: str) -> None:
    before = datetime.now(UTC)
    await hits(limiter, THREE_A_MINUTE, key, 3)
    opens = await limiter.resets_at(THREE_A_MINUTE, key)
    assert opens.utcoffset() == timedelta(0)
    assert timedelta(seconds=58) <= opens - before <= timedelta(seconds=62)


async def test_two_workers_share_what_redis_counts(valkey_server: ValkeyServer, key: str) -> None:
    first, second = RedisRateLimiter(valkey_server.url), RedisRateLimiter(valkey_server.url)
    results = await asyncio.gather(*(worker.hit(THREE_A_MINUTE, key) for worker in (first, second) * 5))
    assert sum(results) == 3
    await first.close()
    await second.close()


async def test_a_burst_is_counted_exactly_over_a_few_connections(own_valkey: ValkeyServer) -> None:
    limiter, limit = RedisRateLimiter(own_valkey.url), Limit(100, 60)
    assert sum(await asyncio.gather(*(limiter.hit(limit, "burst") for _ in range(400)))) == 100
    async with Redis.from_url(own_valkey.url) as other:
        assert (await other.info("clients"))["connected_clients"] <= rate_limiter._AT_ONCE + 1
    another = RedisRateLimiter(own_valkey.url)
    assert not await another.is_open(limit, "burst")
    await limiter.close()
    await another.close()


@pytest.fixture
def own_valkey(monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    """A server that may be killed."""
    monkeypatch.delenv("REDIS_URL_TEST", raising=False)
    monkeypatch.setattr(rate_limiter, "_REDIS_PAUSE", 0.2)
    with ValkeyServer() as server:
        yield server


async def test_with_redis_killed_it_still_limits_and_answers_within_a_second(
    own_valkey: ValkeyServer, key: str
) -> None:
    limiter = RedisRateLimiter(own_valkey.url)
    assert await limiter.hit(THREE_A_MINUTE, key)
    own_valkey.kill()
    results = []
    for _ in range(6):
        started = time.monotonic()
        results.append(await limiter.hit(THREE_A_MINUTE, key))
        assert time.monotonic() - started < 10
    assert results == [True, True, True, False, False, False]
    assert not await limiter.is_open(THREE_A_MINUTE, key)
    assert await limiter.resets_at(THREE_A_MINUTE, key) > datetime.now(UTC)
    await limiter.clear(THREE_A_MINUTE, key)
    assert await limiter.is_open(THREE_A_MINUTE, key)
    await limiter.close()


async def test_it_returns_to_redis_by_itself(own_valkey: ValkeyServer, key: str) -> None:
    limiter = RedisRateLimiter(own_valkey.url)
    own_valkey.kill()
    assert await hits(limiter, THREE_A_MINUTE, key, 4) == [True, True, True, False]
    own_valkey.start()
    await asyncio.sleep(0.3)
    other = RedisRateLimiter(own_valkey.url)
    assert await limiter.hit(THREE_A_MINUTE, key)
    assert await hits(other, THREE_A_MINUTE, key, 3) == [True, True, False]
    await limiter.close()
    await other.close()


async def test_a_redis_that_hangs_is_given_up(own_valkey: ValkeyServer, key: str) -> None:
    limiter = RedisRateLimiter(own_valkey.url)
    assert await limiter.hit(THREE_A_MINUTE, key)
    assert own_valkey.pid is not None
    os.kill(own_valkey.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert await limiter.hit(THREE_A_MINUTE, key)
        assert time.monotonic() - started < 10
        assert await hits(limiter, THREE_A_MINUTE, key, 3) == [True, True, False]
    finally:
        os.kill(own_valkey.pid, signal.SIGCONT)
    await limiter.close()


async def test_a_redis_that_never_was_there_is_no_trouble(key: str) -> None:
    limiter = RedisRateLimiter("unix:///nowhere/redis.sock")
    assert await hits(limiter, THREE_A_MINUTE, key, 4) == [True, True, True, False]
    await limiter.close()
