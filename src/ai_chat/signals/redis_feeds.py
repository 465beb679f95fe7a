"""The feeds of several workers: one capped Redis stream a user, and one publish/subscribe connection a worker.

What is published says only which feed has grown; the worker then reads what is new for all its readers of that feed, in one
place. So a missed message costs nothing, first read, resuming and live reading are one path, and after any fault all feeds
are simply looked at again. The entry that a cursor names is read with those that follow it: where it is gone, something may
have been missed, and readers are told.
"""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ai_chat.kernel.metrics import gauge
from ai_chat.kernel.patience import patience
from ai_chat.kernel.tasks import cancel_all
from ai_chat.signals.user_feeds import KEPT_EVENTS, KEPT_SECONDS, Reader

_RETRY_SECONDS = 1.0
_PATIENCE_SECONDS = 2.0
_MOST_UNSENT = 10_000
"""So many events wait for a Redis that is away; then the readers of what is dropped are told to read everything anew."""
_GROWN = "ai-chat:feeds"
_KEY_BYTES = 16
_CURSOR = re.compile(r"[0-9]{1,18}-[0-9]{1,18}")
_EVENT, _PLACE = b"e", b"p"

REDIS_UP = gauge("ai_chat_redis_up", "1 while Redis answers. Not there where it is not used.")

log = structlog.get_logger()


@dataclass
class _Feed:
    """A feed that is read here. Readers may have got further than `seen`; none has got less far."""

    seen: str
    readers: "dict[Reader, str]" = field(default_factory=dict)


class RedisUserFeeds:
    """Implements the accounts' `UserFeeds` on Redis Streams."""

    def __init__(self, url: str, *, events: int = KEPT_EVENTS, seconds: float = KEPT_SECONDS) -> None:
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5, health_check_interval=15)
        self._events = events
        self._seconds = int(seconds)
        self._unsent: deque[tuple[UUID, bytes]] = deque()
        self._dropped: set[UUID] = set()
        self._wake_writer = asyncio.Event()
        self._feeds: dict[UUID, _Feed] = {}
        self._grown: set[UUID] = set()
        self._wake_reader = asyncio.Event()
        self._ended = False

    def publish(self, key: UUID, event: bytes) -> None:
        self._unsent.append((key, event))
        if len(self._unsent) > _MOST_UNSENT:
            self._dropped.add(self._unsent.popleft()[0])
        self._wake_writer.set()

    async def follow(self, key: UUID, cursor: str | None, reader: Reader) -> None:
        try:
            known = cursor is not None and _CURSOR.fullmatch(cursor) is not None
            entries = await self._after(key, cursor) if known and cursor is not None else None
            place = cursor if entries is not None and cursor is not None else await self._end_of(key)
        except RedisError as problem:
            raise OSError("Redis cannot be reached") from problem
        reader.begin(place, known=entries is not None or cursor is None)
        for identifier, event in entries or ():
            place = identifier
            if event is not None:
                reader.receive(identifier, event)
        feed = self._feeds.setdefault(key, _Feed(place))
        feed.seen = min(feed.seen, place, key=_order)
        feed.readers[reader] = place
        self._look(key)  # what came since it was asked

    def unfollow(self, key: UUID, reader: Reader) -> None:
        feed = self._feeds.get(key)
        if feed is not None:
            feed.readers.pop(reader, None)
            if not feed.readers:
                del self._feeds[key]

    async def run(self) -> None:
        """Writes, reads, listens and keeps alive until cancelled; comes back by itself when Redis does."""
        works = (self._write, self._read, self._listen, self._keep, self._ask)
        tasks = [asyncio.create_task(self._for_ever(work)) for work in works]
        try:
            await asyncio.wait(tasks)
        finally:
            self._ended = True  # Redis' client may swallow a cancellation that comes together with an answer
            await cancel_all(tasks)
            await self._redis.aclose()

    async def _for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        while not self._ended:
            try:
                await work()
            except (RedisError, OSError, TimeoutError) as problem:
                REDIS_UP.set(0)
                log.error("Redis cannot be reached; open pages hear of changes later", reason=repr(problem))
            except Exception:
                log.exception("telling open pages failed and begins anew")
            else:
                continue
            await asyncio.sleep(_RETRY_SECONDS)
            for key in self._feeds:
                self._look(key)

    async def _write(self) -> None:
        await self._wake_writer.wait()
        self._wake_writer.clear()
        dropped, self._dropped = self._dropped, set()
        batch, self._unsent = self._unsent, deque()
        pipeline = self._redis.pipeline(transaction=False)
        for key in dropped:
            pipeline.delete(_name(key))
        for key, event in batch:
            # A feed without a beginning has no reader: nothing is kept for it.
            fields: dict[Any, Any] = {_EVENT: event}
            pipeline.xadd(_name(key), fields, nomkstream=True, maxlen=self._events, approximate=False)
        for key in dropped.union(key for key, _ in batch):
            pipeline.publish(_GROWN, key.bytes)
        try:
            await pipeline.execute()
        except Exception:
            self._dropped |= dropped
            newer, self._unsent = self._unsent, batch
            for key, event in newer:
                self.publish(key, event)
            self._wake_writer.set()
            raise

    async def _read(self) -> None:
        """What is new in all feeds that have grown, in one round trip."""
        await self._wake_reader.wait()
        self._wake_reader.clear()
        keys = [key for key in self._grown if key in self._feeds]
        self._grown.clear()
        places = [self._feeds[key].seen for key in keys]
        if not keys:
            return
        pipeline = self._redis.pipeline(transaction=False)
        for key, place in zip(keys, places, strict=True):
            pipeline.xrange(_name(key), min=place)
        for key, place, raw in zip(keys, places, await pipeline.execute(), strict=True):
            entries = _entries(raw)
            feed = self._feeds.get(key)
            if feed is None or feed.seen != place:
                self._look(key)  # it has changed meanwhile
            elif not entries or entries[0][0] != place:
                await self._begin_anew(key)
            else:
                self._hand_out(feed, entries[1:])

    def _hand_out(self, feed: _Feed, entries: "list[tuple[str, bytes | None]]") -> None:
        for identifier, event in entries:
            feed.seen = identifier
            for reader, place in list(feed.readers.items()):
                if _order(place) < _order(identifier):
                    feed.readers[reader] = identifier
                    if event is not None:
                        reader.receive(identifier, event)

    async def _begin_anew(self, key: UUID) -> None:
        """The place that was reached is gone: Redis was emptied, or more has come than is kept."""
        place = await self._end_of(key)
        feed = self._feeds.get(key)
        if feed is not None:
            feed.seen = place
            for reader in list(feed.readers):
                feed.readers[reader] = place
                reader.begin(place, known=False)
            self._look(key)

    async def _listen(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(_GROWN)
            for key in self._feeds:
                self._look(key)
            while not self._ended:
                message = await channel.get_message(timeout=2.0)
                grown = message.get("data") if message is not None else None
                if isinstance(grown, bytes) and len(grown) == _KEY_BYTES:
                    self._look(UUID(bytes=grown))

    async def _ask(self) -> None:
        """One that hangs is as bad as one that is gone, and nobody else would say so."""
        async with patience(_PATIENCE_SECONDS):
            await self._redis.ping()
        REDIS_UP.set(1)
        await asyncio.sleep(_PATIENCE_SECONDS)

    async def _keep(self) -> None:
        """Feeds that are read do not expire."""
        await asyncio.sleep(self._seconds / 4)
        pipeline = self._redis.pipeline(transaction=False)
        for key in self._feeds:
            pipeline.expire(_name(key), self._seconds)
        await pipeline.execute()

    def _look(self, key: UUID) -> None:
        if key in self._feeds:
            self._grown.add(key)
            self._wake_reader.set()

    async def _after(self, key: UUID, cursor: str) -> "list[tuple[str, bytes | None]] | None":
        """The entries after the one that the cursor names; None where that is gone."""
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.xrange(_name(key), min=cursor)
        pipeline.expire(_name(key), self._seconds)
        entries = _entries((await pipeline.execute())[0])
        return entries[1:] if entries and entries[0][0] == cursor else None

    async def _end_of(self, key: UUID) -> str:
        """Where the feed ends now; an empty one gets a beginning."""
        name = _name(key)
        newest = _entries(await self._redis.xrevrange(name, count=1))
        if newest:
            await self._redis.expire(name, self._seconds)
            return newest[0][0]
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.xadd(name, {_PLACE: b""})
        pipeline.expire(name, self._seconds)
        return str((await pipeline.execute())[0], "ascii")


def _name(key: UUID) -> str:
    return f"ai-chat:feed:{key}"


def _order(cursor: str) -> tuple[int, int]:
    """Redis' own order of entries."""
    moment, _, number = cursor.partition("-")
    return int(moment), int(number)


def _entries(raw: Any) -> "list[tuple[str, bytes | None]]":
    """Where each entry stands, and its event; None for the one that only marks a beginning."""
    return [(identifier.decode(), fields.get(_EVENT)) for identifier, fields in raw]
