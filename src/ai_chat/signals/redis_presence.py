"""Each worker keeps a key in Redis that goes by itself three seconds after the worker has stopped renewing it."""

import asyncio
from collections.abc import Collection

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ai_chat.kernel.patience import patience
from ai_chat.signals.presence import GONE_AFTER_SECONDS, PRESENCE_SECONDS

_PATIENCE_SECONDS = 1.0


class RedisPresence:
    """Implements the reaper's `Presence`."""

    def __init__(self, url: str, worker: str) -> None:
        self._redis: Redis = Redis.from_url(url)
        self._worker = worker

    async def missing(self, workers: Collection[str]) -> Collection[str]:
        asked = sorted(workers)
        pipeline = self._redis.pipeline(transaction=False)
        for worker in asked:
            pipeline.exists(_name(worker))
        try:
            async with patience(_PATIENCE_SECONDS):
                there = await pipeline.execute()
        except (RedisError, OSError, TimeoutError):
            return ()  # nobody is missed who cannot be looked for
        return {worker for worker, known in zip(asked, there, strict=True) if not known}

    async def run(self) -> None:
        try:
            while True:
                try:
                    async with patience(_PATIENCE_SECONDS):
                        await self._redis.set(_name(self._worker), b"", ex=GONE_AFTER_SECONDS)
                except (RedisError, OSError, TimeoutError):
                    pass  # said by those who need Redis more
                await asyncio.sleep(PRESENCE_SECONDS)
        finally:
            await self._redis.aclose()


def _name(worker: str) -> str:
    return f"ai-chat:worker:{worker}"
