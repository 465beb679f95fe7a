"""A person's chats in pages. A page begins after the last chat of the one before: chats that move meanwhile shift nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ai_chat.features.chats.models import Chat
from ai_chat.kernel.errors import FieldProblem, InvalidInput
from ai_chat.kernel.ids import parse_id

CHATS_PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the chats."""

    archived: bool = False
    pinned: bool | None = None
    """None: whether pinned or not."""
    folder: UUID | Literal["none"] | None = None
    """None: wherever they are; "none": in no folder."""

    def conditions(self) -> list[ColumnElement[bool]]:
        # Spelled as in the partial indexes: they answer for what is rare.
        found: list[ColumnElement[bool]] = [_given(Chat.archived, wanted=self.archived)]
        if self.pinned is not None:
            found.append(_given(Chat.pinned, wanted=self.pinned))
        if self.folder == "none":
            found.append(Chat.folder_id.is_(None))
        elif self.folder is not None:
            found += [Chat.folder_id == self.folder, Chat.folder_id.is_not(None)]
        return found


def _given(column: InstrumentedAttribute[bool], *, wanted: bool) -> ColumnElement[bool]:
    return and_(column) if wanted else not_(column)


def list_chats(session: Session, user_id: UUID, wanted: Wanted, cursor: str | None) -> tuple[list[Chat], str | None]:
    """A page of the user's chats, the last changed first, and the cursor of the next page."""
    query = (
        select(Chat)
        .where(Chat.user_id == user_id, Chat.purge_at.is_(None), *wanted.conditions())
        .order_by(Chat.updated_at.desc(), Chat.id.desc())
    )
    if cursor is not None:
        moment, chat_id = _read_cursor(cursor)
        query = query.where(or_(Chat.updated_at < moment, and_(Chat.updated_at == moment, Chat.id < chat_id)))
    chats = list((session.scalars(query.limit(CHATS_PAGE + 1))).all())
    more = len(chats) > CHATS_PAGE
    page = chats[:CHATS_PAGE]
    return page, _cursor_after(page[-1]) if more else None


def _cursor_after(chat: Chat) -> str:
    micros = (chat.updated_at - _EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(f"{micros}:{chat.id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        micros, _, chat_id = urlsafe_b64decode(cursor.encode() + b"==").decode().partition(":")
        parsed = parse_id(chat_id)
        if parsed is not None and len(cursor) < 200:
            return _EPOCH + timedelta(microseconds=int(micros)), parsed
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(FieldProblem("cursor", "is not a cursor of this list"))
