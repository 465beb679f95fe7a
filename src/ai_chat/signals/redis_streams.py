"""The frame streams of several workers: each running log mirrored into a Redis stream, calls by publish/subscribe.

Writing costs one pipelined round trip for all logs together every 50 ms, not one per token. An entry's id is the number of its
last frame, so that a reader's position is the same in every copy. Whatever Redis loses or misses is sent again from the
log, which its worker keeps: after any fault a stream is deleted and written anew, and followers skip what they have.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ai_chat.signals.frame_streams import Frames, FrameSource

FLUSH_SECONDS = 0.05
_RETRY_SECONDS = 1.0
_BLOCK_MS = 100
_RUNNING_TTL = 3600
_CLOSED_TTL = 600
"""The contract promises that a finished log can be replayed for five minutes."""
_CALLS = "ai-chat:calls"
_END = b"\n\n"

log = structlog.get_logger()


class RedisFrameStreams:
    """Implements the relay's `FrameStreams` on Redis Streams."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5, health_check_interval=15)
        self._sources: dict[UUID, FrameSource] = {}
        self._sent: dict[UUID, int] = {}
        self._dirty: set[UUID] = set()
        self._wake_writer = asyncio.Event()
        self._followed: dict[UUID, tuple[int, Frames]] = {}
        self._wake_reader = asyncio.Event()

    def publish(self, key: UUID, source: FrameSource) -> None:
        self._sources[key] = source
        self._dirty.add(key)
        self._wake_writer.set()

    async def follow(self, key: UUID, on_frames: Frames) -> bool:
        seen, closed = 0, False
        entries = await self._entries(key)
        for number, frames, last in entries:
            on_frames(number - len(frames) + 1, frames, last)
            seen, closed = number, last
        if entries and not closed:
            self._followed[key] = (seen, on_frames)
            self._wake_reader.set()
        return bool(entries)

    def unfollow(self, key: UUID) -> None:
        self._followed.pop(key, None)

    async def recover(self, key: UUID) -> list[bytes]:
        return [frame for _, frames, _ in await self._entries(key) for frame in frames]

    async def call(self, key: UUID) -> None:
        await self._redis.publish(_CALLS, key.bytes)

    async def run(self, on_call: Callable[[UUID], None]) -> None:
        """Writes, reads and listens until cancelled; comes back by itself when Redis does."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._for_ever(self._write))
                tasks.create_task(self._for_ever(self._read))
                tasks.create_task(self._for_ever(lambda: self._listen(on_call)))
        finally:
            with suppress(RedisError, OSError, TimeoutError):
                async with asyncio.timeout(_RETRY_SECONDS):
                    await self._flush()  # the last frames of what has just ended
            await self._redis.aclose()

    async def _for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (RedisError, OSError, TimeoutError) as problem:
                log.error(
                    "Redis cannot be reached; other workers cannot follow this one's answers", reason=repr(problem)
                )
                self._sent.clear()  # it may have lost what it had
                self._dirty.update(self._sources)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _write(self) -> None:
        await self._wake_writer.wait()
        await asyncio.sleep(FLUSH_SECONDS)
        self._wake_writer.clear()
        await self._flush()

    async def _flush(self) -> None:
        """Everything that is new, of all logs, in one round trip."""
        batch = {key: self._sources[key] for key in self._dirty}
        reached: dict[UUID, int] = {}
        closed = set()
        pipeline = self._redis.pipeline(transaction=False)
        for key, source in batch.items():
            name, sent = _name(key), self._sent.get(key, 0)
            is_closed, frames = source.closed, source.frames(sent)
            if sent == 0:
                pipeline.delete(name)
            if frames:
                reached[key] = sent + len(frames)
                fields = {b"f": b"".join(frames), b"e": b"1" if is_closed else b"0"}
                pipeline.xadd(name, cast("dict[Any, Any]", fields), id=f"{reached[key]}-0")
                if sent == 0 or is_closed:
                    pipeline.expire(name, _CLOSED_TTL if is_closed else _RUNNING_TTL)
            if is_closed:
                closed.add(key)
        self._dirty -= batch.keys()
        await pipeline.execute()
        self._sent |= reached
        for key in closed:
            self._sources.pop(key, None)
            self._sent.pop(key, None)

    async def _read(self) -> None:
        await self._wake_reader.wait()
        if not self._followed:
            self._wake_reader.clear()
            return
        positions = {_name(key): f"{seen}-0" for key, (seen, _) in self._followed.items()}
        answer: Any = await self._redis.xread(cast("dict[Any, Any]", positions), count=1000, block=_BLOCK_MS)
        # The protocol's version decides the shape: pairs of a name and entries, or a mapping of names to lists of them.
        streams = [(name, lists[0]) for name, lists in answer.items()] if isinstance(answer, dict) else answer or []
        for name, entries in streams:
            key = UUID(bytes(name).rpartition(b":")[2].decode())
            for number, frames, last in map(_entry, entries):
                if key not in self._followed:
                    break
                _, on_frames = self._followed[key]
                self._followed[key] = (number, on_frames)
                on_frames(number - len(frames) + 1, frames, last)
                if last:
                    self._followed.pop(key, None)

    async def _entries(self, key: UUID) -> list[tuple[int, list[bytes], bool]]:
        raw: Any = await self._redis.xrange(_name(key))
        return [_entry(entry) for entry in raw]

    async def _listen(self, on_call: Callable[[UUID], None]) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as calls:
            await calls.subscribe(_CALLS)
            while True:
                message = await calls.get_message(timeout=2.0)
                if message is not None:
                    on_call(UUID(bytes=cast(bytes, message["data"])))


def _name(key: UUID) -> str:
    return f"ai-chat:frames:{key}"


def _entry(raw: tuple[bytes, dict[bytes, bytes]]) -> tuple[int, list[bytes], bool]:
    """The number of the last frame, the frames, and whether the log ends with them."""
    identifier, fields = raw
    frames = [frame + _END for frame in fields[b"f"].split(_END)[:-1]]
    return int(identifier.partition(b"-")[0]), frames, fields[b"e"] == b"1"
