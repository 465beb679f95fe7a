"""Keeps what is found in step with what is written: empties the queue, the newest first, beside everything else.

A round reads some of the queue with the texts it names, finds their words outside any transaction, and stores them with the
removal from the queue in one. Several workers may do the same rounds, and be killed at any moment: what is stored carries the
queue's number that it is as new as, and never replaces something newer.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy import Row, Table, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.search.models import SearchMessage, SearchQueue, SearchTitle
from ai_chat.features.search.words import lexemes_of
from ai_chat.storage.database import Database
from ai_chat.storage.full_text import put_if_newer, spelled

MOST_READ = 200_000
"""Characters of a message that are searched."""
_MOST_LEXEMES = 20_000
_A_ROUND = 40
_LOOK_SECONDS = 1.0
_BUSY, _REST = 0.7, 9
"""Where this process takes so much of a processor, people's answers come first: nine times as long as a round took, it rests."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


def owned(user_id: UUID, lexeme: str) -> str:
    """Everybody has lexemes of their own: looking for a word costs what one has written, whatever others have. (A beginning
    that two people share costs them a little time, and shows nothing: whose a chat is, is asked in any case.)
    """
    return f"{user_id.int & 0xFFFFF:05x}{lexeme}"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A text as it is found."""

    of: UUID
    chat_id: UUID
    place: int
    words: str
    version: int

    def row(self, key: str, place: int) -> dict[str, object]:
        return {"chat_id": self.chat_id, key: self.of, "place": place, "version": self.version, "words": self.words}


@dataclass(frozen=True, slots=True)
class _Round:
    """What one look at the queue has found."""

    numbers: Sequence[int]
    versions: Mapping[UUID, int]
    messages: Sequence[Row[UUID, UUID, datetime, UUID, str]]
    titles: Sequence[Row[UUID, UUID, datetime, UUID, str]]


class Indexer:
    """Reads what the queue names."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """A task of the application's. A backlog takes half of its time, the rest is others'; under load a tenth."""
        looked, used = time.perf_counter(), time.process_time()
        while True:
            began, read = time.perf_counter(), 0
            try:
                read = await self.read_some()
            except IntegrityError:
                log.info("another worker has indexed the same; looking again")
            except Exception:
                log.exception("indexing for the search failed")
            now, by_now = time.perf_counter(), time.process_time()
            share, took = (by_now - used) / (now - looked), now - began
            looked, used = now, by_now
            await asyncio.sleep(_pause(took, share, more=read == _A_ROUND))

    async def read_all(self) -> None:
        """Until the queue is empty."""
        while await self.read_some():
            pass

    async def read_some(self) -> int:
        """One round; returns how much of the queue it took."""
        waiting = await self._database.read(_look)
        if not waiting.numbers:
            return 0
        messages = await asyncio.to_thread(_entries, waiting.messages, waiting.versions)
        titles = await asyncio.to_thread(_entries, waiting.titles, waiting.versions)
        taken = await self._database.write(lambda session: _store_all(session, waiting, messages, titles))
        return len(waiting.numbers) if taken else 0


def _pause(took: float, share: float, *, more: bool) -> float:
    """Seconds until the next round, after one that took so long; `share` of a processor is what the process has used lately."""
    if share > _BUSY:
        return max(took * _REST, _LOOK_SECONDS)
    return took if more else _LOOK_SECONDS


def _look(session: Session) -> _Round:
    queued = session.execute(
        select(SearchQueue.number, SearchQueue.message_id, SearchQueue.chat_id)
        .order_by(SearchQueue.number.desc())
        .limit(_A_ROUND)
    ).all()
    versions: dict[UUID, int] = {}
    for row in queued:
        versions.setdefault(row.message_id or row.chat_id, row.number)
    message_ids = {row.message_id for row in queued if row.message_id is not None}
    chat_ids = {row.chat_id for row in queued if row.chat_id is not None}
    messages = select(
        Message.id, Message.chat_id, Message.created_at, Chat.user_id, func.substr(Message.content, 1, MOST_READ)
    ).join(Chat, Chat.id == Message.chat_id)
    titles = select(Chat.id, Chat.id, Chat.created_at, Chat.user_id, Chat.title)
    return _Round(
        [row.number for row in queued],
        versions,
        session.execute(messages.where(Message.id.in_(message_ids), Message.status != "generating")).all()
        if message_ids
        else (),
        session.execute(titles.where(Chat.id.in_(chat_ids))).all() if chat_ids else (),
    )


def _entries(rows: Sequence[Row[UUID, UUID, datetime, UUID, str]], versions: Mapping[UUID, int]) -> list[_Entry]:
    return [
        _Entry(
            of,
            chat_id,
            place_of(of, created_at),
            spelled(owned(user_id, lexeme) for lexeme in lexemes_of(written, _MOST_LEXEMES)),
            versions[of],
        )
        for of, chat_id, created_at, user_id, written in rows
    ]


def place_of(row_id: UUID, created_at: datetime) -> int:
    """The moment in milliseconds and, within one, the order in which ids were made."""
    milliseconds = min(max(int((created_at - _EPOCH).total_seconds() * 1000), 0), 2**42 - 1)
    return milliseconds << 21 | (row_id.int >> 64 & 0xFFF) << 9 | row_id.int & 0x1FF


def _store_all(session: Session, waiting: _Round, messages: Sequence[_Entry], titles: Sequence[_Entry]) -> bool:
    """False where all of it was being taken by another worker, or deleted."""
    left = _store(session, messages, SearchMessage, Message) | _store(session, titles, SearchTitle, Chat)
    queued = select(SearchQueue.number).where(
        SearchQueue.number.in_(waiting.numbers),
        *([SearchQueue.message_id.not_in(left) | SearchQueue.message_id.is_(None)] if left else []),
        *([SearchQueue.chat_id.not_in(left) | SearchQueue.chat_id.is_(None)] if left else []),
    )
    done = session.scalars(queued.order_by(SearchQueue.number).with_for_update(skip_locked=True)).all()
    session.execute(delete(SearchQueue).where(SearchQueue.number.in_(done)))
    return bool(done)


def _store(
    session: Session,
    entries: Sequence[_Entry],
    into: type[SearchMessage] | type[SearchTitle],
    source: type[Message] | type[Chat],
) -> set[UUID]:
    """Stores what can be stored without waiting for anybody; returns what is left."""
    if not entries:
        return set()
    table, key = cast("Table", into.__table__), "message_id" if into is SearchMessage else "chat_id"
    wanted = {entry.of for entry in entries}
    rows = select(source.id).where(source.id.in_(wanted)).order_by(source.id)
    ours = set(session.scalars(rows.with_for_update(read=True, key_share=True, skip_locked=True)))
    wordless = {entry.of for entry in entries if entry.of in ours and not entry.words}
    if wordless:
        session.execute(delete(into).where(table.c[key].in_(wordless)))
    kept = sorted((entry for entry in entries if entry.of in ours and entry.words), key=lambda entry: entry.of)
    if kept:
        places = _free_places(session, table, key, kept)
        put_if_newer(session, table, key, [entry.row(key, places[entry.of]) for entry in kept])
    return wanted - ours


def _free_places(session: Session, table: Table, key: str, entries: Sequence[_Entry]) -> dict[UUID, int]:
    """The place of each, or the next that is free: two messages of the same moment may want the same one."""
    taken = {
        row[0]: row[1]
        for row in session.execute(
            select(table.c.place, table.c[key]).where(table.c.place.in_([e.place for e in entries]))
        )
    }
    found: dict[UUID, int] = {}
    for entry in entries:
        place = entry.place
        while taken.setdefault(place, entry.of) != entry.of:
            place += 1
        found[entry.of] = place
    return found
