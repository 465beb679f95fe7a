"""A sliding-window rate limiter behind one port, with two twins: in process, and in Redis for several workers.

Redis being away must neither open the door nor hang: the twin then counts in process, says so once, and returns to Redis
by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar, cast

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import MovingWindowRateLimiter

from ai_chat.kernel.patience import patience

_REDIS_PATIENCE = 2.0
_REDIS_PAUSE = 5.0
_AT_ONCE = 4
"""Each has a connection of its own: opening one for each of a burst's hundreds takes longer than the patience."""
Outcome = TypeVar("Outcome")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` within any `seconds`."""

    amount: int
    seconds: int

    @property
    def item(self) -> RateLimitItem:
        return RateLimitItemPerSecond(self.amount, self.seconds)


class RateLimiter(Protocol):
    """Counts hits for a key within a sliding window."""

    async def hit(self, limit: Limit, key: str) -> bool:
        """Counts one; False (and nothing counted) where the window is full."""

    async def is_open(self, limit: Limit, key: str, room: int = 1) -> bool:
        """Whether `room` hits would be accepted now."""

    async def resets_at(self, limit: Limit, key: str) -> datetime:
        """When the oldest hit leaves a full window."""

    async def clear(self, limit: Limit, key: str) -> None:
        """Forgets the key."""


class MemoryRateLimiter:
    """Counts in this process."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)

    async def hit(self, limit: Limit, key: str) -> bool:
        return await self._window.hit(limit.item, key)

    async def is_open(self, limit: Limit, key: str, room: int = 1) -> bool:
        return await self._window.test(limit.item, key, cost=room)

    async def resets_at(self, limit: Limit, key: str) -> datetime:
        stats = await self._window.get_window_stats(limit.item, key)
        return datetime.fromtimestamp(stats.reset_time, UTC)

    async def clear(self, limit: Limit, key: str) -> None:
        await self._window.clear(limit.item, key)


class RedisRateLimiter:
    """Counts in Redis, and in this process while Redis cannot be reached."""

    def __init__(self, url: str) -> None:
        self._storage = RedisStorage(f"async+{url}", implementation="redispy", key_prefix="ai-chat:limits")
        self._window = MovingWindowRateLimiter(self._storage)
        self._fallback = MemoryRateLimiter()
        self._away_until = 0.0
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def hit(self, limit: Limit, key: str) -> bool:
        return await self._ask(lambda: self._window.hit(limit.item, key), lambda: self._fallback.hit(limit, key))

    async def is_open(self, limit: Limit, key: str, room: int = 1) -> bool:
        return await self._ask(
            lambda: self._window.test(limit.item, key, cost=room), lambda: self._fallback.is_open(limit, key, room)
        )

    async def resets_at(self, limit: Limit, key: str) -> datetime:
        async def from_redis() -> datetime:
            stats = await self._window.get_window_stats(limit.item, key)
            return datetime.fromtimestamp(stats.reset_time, UTC)

        return await self._ask(from_redis, lambda: self._fallback.resets_at(limit, key))

    async def clear(self, limit: Limit, key: str) -> None:
        await self._fallback.clear(limit, key)
        await self._ask(lambda: self._window.clear(limit.item, key), _nothing)

    async def close(self) -> None:
        """Ends the connections to Redis."""
        await cast(RedispyBridge, self._storage.bridge).storage.aclose()

    async def _ask(self, redis: Callable[[], Awaitable[Outcome]], memory: Callable[[], Awaitable[Outcome]]) -> Outcome:
        time = asyncio.get_running_loop().time
        async with self._turns:  # to wait for the others is not to wait for Redis
            if time() >= self._away_until:
                try:
                    async with patience(_REDIS_PATIENCE):
                        return await redis()
                except Exception as problem:  # noqa: BLE001 - whatever is wrong with Redis, signing in goes on
                    if time() >= self._away_until:
                        log.error(
                            "Redis cannot be reached; rate limits are counted in this process", reason=repr(problem)
                        )
                    self._away_until = time() + _REDIS_PAUSE
        return await memory()


async def _nothing() -> None:
    return None
