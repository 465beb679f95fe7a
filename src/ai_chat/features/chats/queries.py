"""Reading chats and messages. Everything is asked with the owner's id: somebody else's chat does not exist."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Integer, Table, and_, bindparam, literal, or_, select
from sqlalchemy.orm import Session, aliased

from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.kernel.errors import FieldProblem, InvalidInput
from ai_chat.kernel.ids import parse_id

CHATS_PAGE = 50
MESSAGES_PAGE = 50
_generations = cast("Table", Generation.__table__)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BranchMessage:
    """What a prompt needs of a message."""

    id: UUID
    role: str
    content: str
    size_tokens: int


_OWNED = select(Chat).where(Chat.id == bindparam("chat"), Chat.user_id == bindparam("user"))
_OWNED_LOCKED = _OWNED.with_for_update()
_RUNNING = (
    select(_generations.c.id)
    .where(_generations.c.chat_id == bindparam("chat"), _generations.c.status == "running")
    .order_by(_generations.c.id.desc())
    .limit(1)
)
"""Asked with every message: building a statement costs more than running it."""


def owned_chat(session: Session, chat_id: UUID | None, user_id: UUID, *, lock: bool = False) -> Chat | None:
    """The user's chat of this id. With `lock`, others who lock it wait until this transaction ends."""
    if chat_id is None:
        return None
    asked = {"chat": chat_id, "user": user_id}
    return session.scalars(_OWNED_LOCKED if lock else _OWNED, asked).one_or_none()


def running_generation(session: Session, chat_id: UUID) -> UUID | None:
    return session.connection().scalar(_RUNNING, {"chat": chat_id})


def running_generations(session: Session, chat_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The running generation of each of these chats that has one."""
    rows = session.execute(
        select(Generation.chat_id, Generation.id).where(
            Generation.chat_id.in_(chat_ids), Generation.status == "running"
        )
    )
    return {row.chat_id: row.id for row in rows}


def latest_generation(session: Session, chat_id: UUID) -> UUID | None:
    """The running one, else the last that ran. Ids grow with time."""
    running = running_generation(session, chat_id)
    if running is not None:
        return running
    return session.scalar(
        select(Generation.id).where(Generation.chat_id == chat_id).order_by(Generation.id.desc()).limit(1)
    )


def list_chats(session: Session, user_id: UUID, cursor: str | None) -> tuple[list[Chat], str | None]:
    """A page of the user's chats, the last changed first, and the cursor of the next page."""
    query = select(Chat).where(Chat.user_id == user_id).order_by(Chat.updated_at.desc(), Chat.id.desc())
    if cursor is not None:
        moment, chat_id = _read_cursor(cursor)
        query = query.where(or_(Chat.updated_at < moment, and_(Chat.updated_at == moment, Chat.id < chat_id)))
    chats = list((session.scalars(query.limit(CHATS_PAGE + 1))).all())
    more = len(chats) > CHATS_PAGE
    page = chats[:CHATS_PAGE]
    return page, _cursor_after(page[-1]) if more else None


def branch_page(
    session: Session, chat: Chat, before: UUID | None
) -> tuple[Sequence[tuple[Message, UUID | None]], UUID | None]:
    """A page of the active branch, oldest first, each message with its generation's id, and where the page before begins.

    Walks from the newest message towards the first: the work is that of the page, however long the chat is.
    """
    start = chat.leaf_id
    if before is not None:
        found = (
            session.execute(select(Message.parent_id).where(Message.id == before, Message.chat_id == chat.id))
        ).one_or_none()
        if found is None:
            raise InvalidInput(FieldProblem("before", "is not a message of this chat"))
        start = found.parent_id
    if start is None:
        return [], None
    walk = (
        select(Message.id, Message.parent_id, literal(1, Integer).label("depth"))
        .where(Message.id == start, Message.chat_id == chat.id)
        .cte("walk", recursive=True)
    )
    step = aliased(Message)
    walk = walk.union_all(
        select(step.id, step.parent_id, walk.c.depth + 1)
        .join(walk, step.id == walk.c.parent_id)
        .where(walk.c.depth < MESSAGES_PAGE)
    )
    rows = (
        session.execute(
            select(Message, Generation.id)
            .join(walk, walk.c.id == Message.id)
            .outerjoin(Generation, Generation.message_id == Message.id)
            .order_by(walk.c.depth.desc())
        )
    ).all()
    page = [(row[0], row[1]) for row in rows]
    oldest = page[0][0] if page else None
    return page, oldest.id if oldest is not None and oldest.parent_id is not None else None


def newest_of_branch(session: Session, leaf_id: UUID | None, budget: int) -> list[BranchMessage]:
    """The newest messages of the branch that fit `budget` tokens, oldest first. Empty answers do not count or appear.

    The walk stops in the database as soon as the budget is used up: it does not read what will not be sent.
    """
    if leaf_id is None:
        return []
    walk = (
        select(Message.id, Message.parent_id, Message.size_tokens.label("sum"), literal(1, Integer).label("depth"))
        .where(Message.id == leaf_id, Message.size_tokens <= budget)
        .cte("walk", recursive=True)
    )
    step = aliased(Message)
    walk = walk.union_all(
        select(step.id, step.parent_id, walk.c.sum + step.size_tokens, walk.c.depth + 1)
        .join(walk, step.id == walk.c.parent_id)
        .where(walk.c.sum + step.size_tokens <= budget)
    )
    rows = (
        session.execute(
            select(Message.id, Message.role, Message.content, Message.size_tokens)
            .join(walk, walk.c.id == Message.id)
            .where(Message.content != "")
            .order_by(walk.c.depth.desc())
        )
    ).all()
    return [BranchMessage(row.id, row.role, row.content, row.size_tokens) for row in rows]


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
