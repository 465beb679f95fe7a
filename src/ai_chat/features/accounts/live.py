"""The live channel of an account: tells a person's open pages, on every device and every worker, what has changed.

An event says *that* something changed, never more than a page needs to know whether to read again. It is published after
the transaction that it speaks of, and may come twice; it never comes out of order.
"""

import asyncio
from collections import deque
from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from ai_chat.features.accounts.live_events import (
    HelloEvent,
    LiveEvent,
    ResetEvent,
    SessionEndedEvent,
    encode_event,
    encode_frame,
    ending_of,
)
from ai_chat.kernel.errors import AppError, ErrorCode

MOST_WAITING = 256
"""So many frames wait for a reader that is slow; then it is let go, and may come back with its cursor."""
_PATIENCE_SECONDS = 2.0


class FeedReader(Protocol):
    """Who follows a feed. Calls are synchronous and cheap."""

    def begin(self, cursor: str, *, known: bool) -> None:
        """What comes follows `cursor`. Not `known`: something before it may have been missed."""

    def receive(self, cursor: str, event: bytes) -> None:
        """The next event, and where it stands."""


class UserFeeds(Protocol):
    """A short, ordered memory of what was published for each user, shared by all workers. Implemented in `signals` for one
    process and for many.
    """

    def publish(self, key: UUID, event: bytes) -> None:
        """Hands the event to all readers of the key soon, wherever they are. What nobody has read lately is not kept."""

    async def follow(self, key: UUID, cursor: str | None, reader: FeedReader) -> None:
        """Hands the reader what follows `cursor` (without one: what comes from now on), until it is unfollowed."""

    def unfollow(self, key: UUID, reader: FeedReader) -> None:
        """Hands over no more."""

    async def run(self) -> None:
        """Does the work behind the other methods; a task of the application's."""


class LiveReader:
    """One connection of a signed-in user: frames that wait to be sent."""

    def __init__(self, user_id: UUID, session_id: UUID) -> None:
        self.user_id = user_id
        self.session_id = session_id
        self.ended = asyncio.Event()
        """Nothing more will come; what waits may still be sent."""
        self._frames: deque[bytes] = deque()
        self._grown = asyncio.Event()
        self._greeted = False

    def begin(self, cursor: str, *, known: bool) -> None:
        if not self._greeted:
            self._greeted = True
            self._put(cursor, encode_event(HelloEvent(cursor)))
        if not known:
            self._put(cursor, encode_event(ResetEvent()))

    def receive(self, cursor: str, event: bytes) -> None:
        ending = ending_of(event)
        if ending is not None and ending.session_id not in (None, str(self.session_id)):
            return  # another device's
        self._put(cursor, event)
        if ending is not None:
            self.end()

    def end(self) -> None:
        self.ended.set()
        self._grown.set()

    async def frames(self, seconds: float) -> bytes:
        """What waits, joined; nothing where nothing came within `seconds` or all is over."""
        if not self._frames and not self.ended.is_set():
            self._grown.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._grown.wait()
            except TimeoutError:
                return b""
        waiting = b"".join(self._frames)
        self._frames.clear()
        return waiting

    def _put(self, cursor: str, event: bytes) -> None:
        if self.ended.is_set():
            return
        if len(self._frames) == MOST_WAITING:
            self._frames.clear()  # a gap would look like the whole: it comes back with the last cursor it has
            self.end()
            return
        self._frames.append(encode_frame(cursor, event))
        self._grown.set()


class LiveEvents:
    """Publishes events, and knows who reads on this worker."""

    def __init__(self, feeds: UserFeeds) -> None:
        self._feeds = feeds
        self._readers: set[LiveReader] = set()
        self._closed = False

    @property
    def readers(self) -> Collection[LiveReader]:
        """The open connections of this worker, for whoever checks that their sessions still count."""
        return self._readers

    def publish(self, user_id: UUID, event: LiveEvent) -> None:
        """Tells all open pages of the user. Cheap, never fails, never waits: called after the commit."""
        self._feeds.publish(user_id, encode_event(event))

    async def open(self, user_id: UUID, session_id: UUID, cursor: str | None) -> LiveReader:
        """A reader of the user's events after `cursor`. SERVICE_UNAVAILABLE while the feeds cannot be reached."""
        if self._closed:
            raise AppError(ErrorCode.SHUTTING_DOWN, retry_after=5)
        reader = LiveReader(user_id, session_id)
        self._readers.add(reader)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._feeds.follow(user_id, cursor, reader)
        except (OSError, TimeoutError) as problem:
            self.close(reader)
            raise AppError(ErrorCode.SERVICE_UNAVAILABLE, retry_after=5) from problem
        except BaseException:
            self.close(reader)
            raise
        return reader

    def close(self, reader: LiveReader) -> None:
        """The connection is gone, or shall go."""
        self._feeds.unfollow(reader.user_id, reader)
        self._readers.discard(reader)
        reader.end()

    def sign_out(self, reader: LiveReader) -> None:
        """The reader's session has ended without an event: its page is told, and its connection ends."""
        reader.receive("", encode_event(SessionEndedEvent(str(reader.session_id))))
        self.close(reader)

    def close_all(self) -> None:
        """At shutdown: pages connect again, elsewhere or a little later, and go on where they were."""
        self._closed = True
        for reader in list(self._readers):
            self.close(reader)

    async def run(self) -> None:
        """A task of the application's."""
        await self._feeds.run()
