"""Finding chats and messages. First the chats whose titles have all the words, then messages; first those that have the words as
they were typed, then those that have other forms of them; within each, the newest first.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column, Table, func, select
from sqlalchemy.orm import Session

from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.search.indexer import MOST_READ, owned
from ai_chat.features.search.models import SearchMessage, SearchTitle
from ai_chat.features.search.words import Term, any_form, as_typed, beginning
from ai_chat.kernel.errors import FieldProblem, InvalidInput
from ai_chat.storage.full_text import Lexeme, WordQuery, matching

PAGE = 20
_titles = cast("Table", SearchTitle.__table__)
_messages = cast("Table", SearchMessage.__table__)
_STEPS = 4
_TOP = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Found:
    """A chat or a message of it."""

    chat_id: UUID
    title: str
    archived: bool
    created_at: datetime
    message_id: UUID | None = None
    role: str | None = None
    content: str | None = None


def find(session: Session, user_id: UUID, terms: Sequence[Term], cursor: str | None) -> tuple[list[Found], str | None]:
    """A page of what has all the words, and the cursor of the next page."""
    step, before = _read_cursor(cursor) if cursor is not None else (0, _TOP)
    typed, all_forms = _queries(user_id, terms)
    found: list[tuple[int, int, Found]] = []
    while step < _STEPS:
        query = typed if step % 2 == 0 else WordQuery(all_forms.groups, but_not=typed)
        look = _chats if step < _STEPS // 2 else _texts
        found += [(step, *row) for row in look(session, user_id, query, before, PAGE + 1 - len(found))]
        if len(found) > PAGE:
            break
        step, before = step + 1, _TOP
    page = found[:PAGE]
    more = len(found) > PAGE
    return [row for _, _, row in page], _cursor_after(*page[-1][:2]) if more else None


def _queries(user_id: UUID, terms: Sequence[Term]) -> tuple[WordQuery, WordQuery]:
    """The words as they were typed, and in all their forms."""
    typed: list[list[Lexeme]] = []
    forms: list[list[Lexeme]] = []
    for term in terms:
        beginnings = [Lexeme(owned(user_id, one), prefix=True) for one in beginning(term.whole)] if term.begins else []
        typed.append(beginnings or [Lexeme(owned(user_id, one)) for one in as_typed(term.whole, term.stem)])
        forms.append([*beginnings, *(Lexeme(owned(user_id, one)) for one in any_form(term.stem))])
    return WordQuery(typed), WordQuery(forms)


def _chats(session: Session, user_id: UUID, query: WordQuery, before: int, limit: int) -> list[tuple[int, Found]]:
    places = _places(session, user_id, _titles, _titles.c.chat_id, query, before, limit)
    chats = session.scalars(select(Chat).where(Chat.id.in_(places)))
    return _in_order((places[one.id], Found(one.id, one.title, one.archived, one.updated_at)) for one in chats)


def _texts(session: Session, user_id: UUID, query: WordQuery, before: int, limit: int) -> list[tuple[int, Found]]:
    places = _places(session, user_id, _messages, _messages.c.message_id, query, before, limit)
    # The texts are read of these few only: all that match may be a thousand times as many.
    content = func.substr(Message.content, 1, MOST_READ)
    rows = session.execute(
        select(Chat, Message.id, Message.role, Message.created_at, content)
        .join(Message, Message.chat_id == Chat.id)
        .where(Message.id.in_(places))
    )
    return _in_order(
        (places[message_id], Found(chat.id, chat.title, chat.archived, created_at, message_id, role, text))
        for chat, message_id, role, created_at, text in rows
    )


def _places(
    session: Session, user_id: UUID, entries: Table, of: Column[Any], query: WordQuery, before: int, limit: int
) -> dict[UUID, int]:
    """What matches of the person's, and stands before `before`."""
    wanted = matching(session.connection(), entries, query)
    rows = session.execute(
        select(of, wanted.place)
        .select_from(wanted.source)
        .join(Chat, Chat.id == entries.c.chat_id)
        .where(wanted.condition, wanted.place < before, Chat.user_id == user_id, Chat.purge_at.is_(None))
        .order_by(wanted.place.desc())
        .limit(limit)
    )
    return {row[0]: row[1] for row in rows}


def _in_order(rows: Iterable[tuple[int, Found]]) -> list[tuple[int, Found]]:
    return sorted(rows, key=lambda row: row[0], reverse=True)


def _cursor_after(step: int, place: int) -> str:
    return urlsafe_b64encode(f"{step}:{place}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[int, int]:
    try:
        step, _, place = urlsafe_b64decode(cursor.encode() + b"==").decode("ascii").partition(":")
        if len(cursor) < 60 and 0 <= int(step) < _STEPS and 0 <= int(place) <= _TOP:
            return int(step), int(place)
    except ValueError:
        pass
    raise InvalidInput(FieldProblem("cursor", "is not a cursor of this search"))
