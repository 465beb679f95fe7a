"""A short, ordered memory of events for each user. The port is the accounts' (`features/accounts/live.py`); this is its twin
for one process. The twin for several is in `redis_feeds.py`.

Only what somebody might still ask for is kept: a feed begins with its first reader, and is forgotten some time after its
last one has left. A cursor names a place in a feed; one that is not in it any more is unknown, and its reader is told so.
"""

import asyncio
from collections import deque
from typing import Protocol
from uuid import UUID

from ai_chat.kernel.ids import new_id

KEPT_EVENTS = 256
KEPT_SECONDS = 600.0
"""How long a feed without readers is kept for those who come back."""
_LONGEST_NUMBER = 18


class Reader(Protocol):
    """Who follows a feed (the port's `FeedReader`)."""

    def begin(self, cursor: str, *, known: bool) -> None: ...

    def receive(self, cursor: str, event: bytes) -> None: ...


class MemoryUserFeeds:
    """Feeds inside one process. `feeds` may be shared by several of these, as several workers share one Redis."""

    def __init__(
        self, feeds: "dict[UUID, _Feed] | None" = None, *, events: int = KEPT_EVENTS, seconds: float = KEPT_SECONDS
    ) -> None:
        self._feeds: dict[UUID, _Feed] = {} if feeds is None else feeds
        self._events = events
        self._seconds = seconds

    def publish(self, key: UUID, event: bytes) -> None:
        feed = self._feeds.get(key)
        if feed is not None:
            feed.add(event)

    async def follow(self, key: UUID, cursor: str | None, reader: Reader) -> None:
        feed = self._feeds.setdefault(key, _Feed(self._events))
        feed.join(cursor, reader)

    def unfollow(self, key: UUID, reader: Reader) -> None:
        feed = self._feeds.get(key)
        if feed is not None and feed.leave(reader):
            feed.forgetting = asyncio.get_running_loop().call_later(self._seconds, self._feeds.pop, key, None)

    async def run(self) -> None:
        """Nothing is to be done here."""


class _Feed:
    """Events 1, 2, 3 … of one user; a cursor is the feed's own name and a number."""

    def __init__(self, most: int) -> None:
        self.forgetting: asyncio.TimerHandle | None = None
        self._name = new_id().hex
        self._events: deque[bytes] = deque(maxlen=most)
        self._number = 0
        self._readers: list[Reader] = []

    def add(self, event: bytes) -> None:
        self._number += 1
        self._events.append(event)
        for reader in list(self._readers):
            reader.receive(self._cursor(self._number), event)

    def join(self, cursor: str | None, reader: Reader) -> None:
        if self.forgetting is not None:
            self.forgetting.cancel()
            self.forgetting = None
        self._readers.append(reader)
        after = self._place_of(cursor)
        reader.begin(self._cursor(self._number if after is None else after), known=after is not None or cursor is None)
        if after is not None:
            oldest = self._number - len(self._events) + 1
            for number in range(after + 1, self._number + 1):
                reader.receive(self._cursor(number), self._events[number - oldest])

    def leave(self, reader: Reader) -> bool:
        """True where that was the last one."""
        if reader not in self._readers:
            return False
        self._readers.remove(reader)
        return not self._readers

    def _cursor(self, number: int) -> str:
        return f"{self._name}-{number}"

    def _place_of(self, cursor: str | None) -> int | None:
        """The number that a cursor names, where all that follows it is still here."""
        name, _, number = (cursor or "").partition("-")
        if name != self._name or len(number) > _LONGEST_NUMBER or not (number.isascii() and number.isdigit()):
            return None
        return int(number) if self._number - len(self._events) <= int(number) <= self._number else None
