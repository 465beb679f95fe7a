"""Takes away what is still open when a user is blocked or deleted, a session ends or an API key is deleted, wherever that was
done.

Every new request asks the database who makes it. What is open already does not ask again: streams, and answers being written.
So each worker looks, once a second and in one query, at what has ended lately. The database is the truth, because an operator
blocks from a process of its own; the query costs the same however many streams are open.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy import Row, Select, Table, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.models import ApiKey, AuthSession, User
from ai_chat.kernel.clock import system_clock
from ai_chat.storage.database import Database

LOOK_SECONDS = 1.0
MOST_LOOKED_FOR = 200
"""So many users at a time are looked for whether they are there at all: whoever was deleted has left nothing to be found."""
_LATELY = timedelta(minutes=10)
"""Far more than a look takes: clocks of servers and of the operator's shell differ, and transactions take their time. To take
something away twice does no harm.
"""

log = structlog.get_logger()


def _ended(model: type[User | AuthSession | ApiKey], moment: str, kind: str) -> Select[tuple[UUID, str]]:
    table = cast("Table", model.__table__)
    return select(table.c.id, literal(kind).label("kind")).where(table.c[moment] > bindparam("since"))


_LATELY_ENDED = union_all(
    _ended(User, "blocked_at", "user"),
    _ended(AuthSession, "revoked_at", "session"),
    _ended(ApiKey, "revoked_at", "key"),
)


_THERE = select(User.id).where(User.id.in_(bindparam("users", expanding=True)))


@dataclass(frozen=True, slots=True)
class HeldAccess:
    """A user's right to what they have opened, by a session or by a key. Implements `http.access.Access`."""

    open_access: "OpenAccess"
    user_id: UUID
    by: UUID
    """The session or the key."""

    @contextmanager
    def watch(self, on_end: Callable[[], None]) -> Iterator[None]:
        with self.open_access.watching((self.user_id, self.by), on_end):
            yield


class OpenAccess:
    """What is open on this worker, and by what right. `stop_answers` ends all answers of these users."""

    def __init__(self, database: Database, live: LiveEvents, stop_answers: Callable[[frozenset[UUID]], None]) -> None:
        self._database = database
        self._live = live
        self._stop_answers = stop_answers
        self._watches: dict[object, tuple[tuple[UUID, UUID], Callable[[], None]]] = {}
        self._looked_for: deque[UUID] = deque()
        """Users whose turn to be looked for has yet to come."""

    def of(self, user_id: UUID, by: UUID) -> HeldAccess:
        return HeldAccess(self, user_id, by)

    @contextmanager
    def watching(self, rights: tuple[UUID, UUID], on_end: Callable[[], None]) -> Iterator[None]:
        watch = object()
        self._watches[watch] = rights, on_end
        try:
            yield
        finally:
            self._watches.pop(watch, None)

    async def run(self) -> None:
        """Looks for ever; a task of the application's."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception:
                log.exception("it cannot be seen who was blocked or signed out")

    async def look(self) -> None:
        """Takes away what rests on rights that have ended."""
        # Not the product's clock, which may be set: an operator's shell writes the time that it is.
        since, some = system_clock() - _LATELY, self._some_users()

        def work(session: Session) -> tuple[Sequence[Row[tuple[UUID, str]]], set[UUID]]:
            there = set(session.scalars(_THERE, {"users": some})) if some else set()
            return session.execute(_LATELY_ENDED, {"since": since}).all(), set(some) - there

        found, deleted = await self._database.read(work)
        if found or deleted:
            gone = deleted.union(row.id for row in found if row.kind == "user")
            self._take_away(deleted.union(row.id for row in found), frozenset(gone))

    def _some_users(self) -> list[UUID]:
        """The next of those who have something open, so that everybody is looked for in turn."""
        if not self._looked_for:
            reading = {reader.user_id for reader in self._live.readers}
            self._looked_for.extend(reading.union(user_id for (user_id, _), _ in self._watches.values()))
        return [self._looked_for.popleft() for _ in range(min(MOST_LOOKED_FOR, len(self._looked_for)))]

    def _take_away(self, ended: AbstractSet[UUID], blocked: frozenset[UUID]) -> None:
        for watch, (rights, on_end) in list(self._watches.items()):
            if not ended.isdisjoint(rights):
                del self._watches[watch]
                on_end()
        for reader in list(self._live.readers):
            if reader.user_id in ended or reader.session_id in ended:
                self._live.sign_out(reader)
        if blocked:
            self._stop_answers(blocked)
