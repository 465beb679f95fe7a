"""Attempts to sign in that are under way count like failures, until they end in whatever way."""

import asyncio
import gc
from datetime import UTC, datetime, timedelta

import pytest

from ai_chat.features.accounts.throttle import CountingThrottle
from ai_chat.kernel.errors import LimitReached
from ai_chat.signals.rate_limiter import MemoryRateLimiter

IP = "203.0.113.9"


@pytest.fixture
def throttle() -> CountingThrottle:
    return CountingThrottle(MemoryRateLimiter())


async def fail(throttle: CountingThrottle, number: int, ip: str = IP) -> None:
    async with throttle.attempt(f"{number}@example.com", ip) as attempt:
        await attempt.failed()


async def hang(throttle: CountingThrottle, number: int, ip: str = IP) -> None:
    async with throttle.attempt(f"{number}@example.com", ip):
        await asyncio.Event().wait()


async def hanging(throttle: CountingThrottle, count: int) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(hang(throttle, number)) for number in range(count)]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def under_way(throttle: CountingThrottle) -> int:
    return sum(door.under_way for door in throttle._doors.values())


async def test_a_door_that_nobody_uses_is_forgotten(throttle: CountingThrottle) -> None:
    async with throttle.attempt("ann@example.com", IP):
        assert len(throttle._doors) == 2
    gc.collect()
    assert len(throttle._doors) == 0


async def test_failures_and_attempts_under_way_share_the_limit(throttle: CountingThrottle) -> None:
    for number in range(40):
        await fail(throttle, 1000 + number)
    tasks = await hanging(throttle, 70)
    assert sum(task.done() for task in tasks) == 10
    await fail(throttle, 2000, ip="203.0.113.10")
    await cancel(tasks)


async def test_where_only_attempts_under_way_are_in_the_way_one_may_try_again_soon(throttle: CountingThrottle) -> None:
    tasks = await hanging(throttle, 100)
    with pytest.raises(LimitReached) as refusal:
        await fail(throttle, 1000)
    assert (refusal.value.limit, refusal.value.used) == (100, 100)
    assert refusal.value.retry_after == 5
    assert timedelta(0) < refusal.value.resets_at - datetime.now(UTC) <= timedelta(seconds=5)
    await cancel(tasks)


async def test_a_cancelled_attempt_is_under_way_no_longer(throttle: CountingThrottle) -> None:
    for _ in range(3):
        tasks = await hanging(throttle, 100)
        assert not any(task.done() for task in tasks)
        await cancel(tasks)
    await fail(throttle, 1000)
    assert under_way(throttle) == 0


async def test_an_attempt_that_crashes_is_under_way_no_longer(throttle: CountingThrottle) -> None:
    for number in range(150):
        with pytest.raises(RuntimeError):
            async with throttle.attempt(f"{number}@example.com", IP):
                raise RuntimeError
    assert under_way(throttle) == 0


async def test_good_attempts_count_only_while_they_are_under_way(throttle: CountingThrottle) -> None:
    for number in range(300):
        async with throttle.attempt(f"{number % 7}@example.com", IP) as attempt:
            await attempt.succeeded()


async def test_a_failure_is_never_counted_twice_nor_lost(throttle: CountingThrottle) -> None:
    outcomes = await asyncio.gather(*(fail(throttle, number) for number in range(250)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 100
    assert sum(isinstance(outcome, LimitReached) for outcome in outcomes) == 150


async def test_one_source_cannot_take_an_address_s_places_under_way(throttle: CountingThrottle) -> None:
    async def hang_at_one_address() -> None:
        async with throttle.attempt("ann@example.com", IP):
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(hang_at_one_address()) for _ in range(100)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert sum(task.done() for task in tasks) == 90
    assert throttle._doors["address:ann@example.com"].under_way == 10
    async with throttle.attempt("ann@example.com", "203.0.113.10") as attempt:
        await attempt.succeeded()
    await cancel(tasks)
    assert under_way(throttle) == 0
