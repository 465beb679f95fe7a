"""The frame streams of several workers: each running log mirrored into a Redis stream, calls by publish/subscribe.

Writing costs one call of a script for all logs together with each beat (`relay/tick.py`), not one per token. An entry's id is the
number of its last frame, so that a reader's position is the same in every copy. Whatever Redis loses or misses is sent again from
the log, which its worker keeps: after any fault a stream is deleted and written anew, and followers skip what they have.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ai_chat.kernel.tasks import cancel_all
from ai_chat.signals.frame_streams import Frames, FrameSource

_RETRY_SECONDS = 1.0
_BLOCK_MS = 100
_RUNNING_TTL = 3600
_CLOSED_TTL = 600
"""The contract promises that a finished log can be replayed for five minutes."""
_MOST_UNSENT = 1000
"""So many ended logs wait for a Redis that is away; the rest can be read where they were written, and in the database."""
_CALLS = "ai-chat:calls"
_KEY_BYTES = 16
_END = b"\n\n"

# For each stream: what was sent of it before, the number of its last frame, the new frames, whether they end it. One call for all:
# packing a command and reading its answer costs the client many times what the command itself costs.
_WRITE = """
local lost = 0
for number, stream in ipairs(KEYS) do
  local at = (number - 1) * 4
  local new, id, frames, last = ARGV[at + 1] == '0', ARGV[at + 2] .. '-0', ARGV[at + 3], ARGV[at + 4]
  if new then
    redis.call('DEL', stream)
    redis.call('XADD', stream, id, 'f', frames, 'e', last)
  elseif not redis.call('XADD', stream, 'NOMKSTREAM', id, 'f', frames, 'e', last) then
    lost = lost + 1 -- one that is gone is not begun in the middle
  end
  if last == '1' then
    redis.call('EXPIRE', stream, CLOSED)
  elseif new then
    redis.call('EXPIRE', stream, RUNNING)
  end
end
return lost
""".replace("CLOSED", str(_CLOSED_TTL)).replace("RUNNING", str(_RUNNING_TTL))

log = structlog.get_logger()


class RedisFrameStreams:
    """Implements the relay's `FrameStreams` on Redis Streams."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5, health_check_interval=15)
        self._write_all = self._redis.register_script(_WRITE)
        self._sources: dict[UUID, FrameSource] = {}
        self._sent: dict[UUID, int] = {}
        self._dirty: set[UUID] = set()
        self._wake_writer = asyncio.Event()
        self._followed: dict[UUID, tuple[int, Frames]] = {}
        self._wake_reader = asyncio.Event()
        self._ended = False

    def publish(self, key: UUID, source: FrameSource) -> None:
        self._sources[key] = source
        self._dirty.add(key)
        self._wake_writer.set()

    async def follow(self, key: UUID, on_frames: Frames) -> bool:
        entries = await self._entries(key)
        if not entries:
            return False
        # Known before anything is handed over: a log that ends now, or here, is not followed on.
        if not entries[-1].last:
            self._followed[key] = (entries[-1].number, on_frames)
            self._wake_reader.set()
        for entry in entries:
            on_frames(entry.first, entry.frames, entry.last)
        return True

    def unfollow(self, key: UUID) -> None:
        self._followed.pop(key, None)

    async def recover(self, key: UUID) -> list[bytes]:
        return [frame for entry in await self._entries(key) for frame in entry.frames]

    async def call(self, key: UUID) -> None:
        await self._redis.publish(_CALLS, key.bytes)

    async def run(self, on_call: Callable[[UUID], None]) -> None:
        """Writes, reads and listens until cancelled; comes back by itself when Redis does."""
        works = (self._write, self._read, lambda: self._listen(on_call))
        tasks = [asyncio.create_task(self._for_ever(work)) for work in works]
        try:
            await asyncio.wait(tasks)
        finally:
            self._ended = True  # Redis' client may swallow a cancellation that comes together with an answer
            await cancel_all(tasks)
            with suppress(RedisError, OSError, TimeoutError):
                async with asyncio.timeout(_RETRY_SECONDS):
                    await self._flush()  # the last frames of what has just ended
            await self._redis.aclose()

    async def _for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        while not self._ended:
            try:
                await work()
            except (RedisError, OSError, TimeoutError) as problem:
                log.error(
                    "Redis cannot be reached; other workers cannot follow this one's answers", reason=repr(problem)
                )
                self._send_again()
            except Exception:
                log.exception("sharing answers with other workers failed and begins anew")
                self._send_again()
            else:
                continue
            await asyncio.sleep(_RETRY_SECONDS)

    def _send_again(self) -> None:
        """Everything is to be written anew: Redis may have lost what it had."""
        ended = [key for key, source in self._sources.items() if source.closed]
        for key in ended[:-_MOST_UNSENT]:
            del self._sources[key]
        self._sent.clear()
        self._dirty = set(self._sources)
        if self._dirty:
            self._wake_writer.set()

    async def _write(self) -> None:
        """At once: what a reader here has seen must be in Redis too when this process is killed. Frames come with the beat, those
        of all logs together, and whatever comes during a round trip waits for its end.
        """
        await self._wake_writer.wait()
        self._wake_writer.clear()
        await self._flush()

    async def _flush(self) -> None:
        """Everything that is new, of all logs, in one round trip."""
        batch = {key: self._sources[key] for key in self._dirty}
        reached: dict[UUID, int] = {}
        closed = set()
        names: list[str] = []
        arguments: list[int | bytes] = []
        for key, source in batch.items():
            sent = self._sent.get(key, 0)
            is_closed, frames = source.closed, source.frames(sent)
            if frames:
                reached[key] = sent + len(frames)
                names.append(_name(key))
                arguments += (sent, reached[key], b"".join(frames), int(is_closed))
            if is_closed:
                closed.add(key)
        self._dirty -= batch.keys()
        if names and await self._write_all(keys=names, args=arguments):
            raise RedisError("a stream that is being written was lost")
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
        moved = False
        for name, raw in streams:
            key = UUID(bytes(name).rpartition(b":")[2].decode())
            if key not in self._followed:
                continue
            seen, on_frames = self._followed[key]
            for entry in _in_order(raw, seen):
                moved = True
                if entry.last:
                    del self._followed[key]
                else:
                    self._followed[key] = (entry.number, on_frames)
                on_frames(entry.first, entry.frames, entry.last)
                if key not in self._followed:
                    break
        if streams and not moved:
            await asyncio.sleep(_BLOCK_MS / 1000)  # nothing that can be used, and it is still there

    async def _entries(self, key: UUID) -> list["_Entry"]:
        raw: Any = await self._redis.xrange(_name(key))
        return list(_in_order(raw, 0))

    async def _listen(self, on_call: Callable[[UUID], None]) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as calls:
            await calls.subscribe(_CALLS)
            while not self._ended:
                message = await calls.get_message(timeout=2.0)
                if message is None:
                    continue
                called = message.get("data")
                if isinstance(called, bytes) and len(called) == _KEY_BYTES:
                    on_call(UUID(bytes=called))
                else:
                    log.warning("a call of another worker makes no sense", data=str(called)[:100])


def _name(key: UUID) -> str:
    return f"ai-chat:frames:{key}"


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    """Of the last frame."""
    frames: list[bytes]
    last: bool
    """The log ends with them."""

    @property
    def first(self) -> int:
        return self.number - len(self.frames) + 1


def _in_order(raw: Iterable[tuple[bytes, dict[bytes, bytes]]], seen: int) -> Iterator[_Entry]:
    """The entries that go on after frame `seen`. What makes no sense is passed over, and what follows a gap has to wait
    until its writer has written the stream anew.
    """
    for identifier, fields in raw:
        entry = _entry(identifier, fields)
        if entry is None:
            log.warning("an entry of another worker's answer makes no sense", entry=str(identifier)[:100])
        elif entry.first <= seen + 1 and entry.number > seen:
            seen = entry.number
            yield entry


def _entry(identifier: bytes, fields: dict[bytes, bytes]) -> _Entry | None:
    try:
        frames = [frame + _END for frame in fields[b"f"].split(_END)[:-1]]
        entry = _Entry(int(identifier.partition(b"-")[0]), frames, fields[b"e"] == b"1")
    except (KeyError, ValueError):
        return None
    return entry if frames and entry.first > 0 else None
