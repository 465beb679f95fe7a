"""Reading chats and messages, always with the owner's id: somebody else's does not exist, and what is deleted neither."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, cast
from uuid import UUID

from sqlalchemy import Integer, Table, bindparam, literal, literal_column, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import CompilerElement

from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.files.attached import AttachedFile, files_in
from ai_chat.kernel.errors import FieldProblem, InvalidInput
from ai_chat.kernel.tokens import MESSAGE_OVERHEAD
from ai_chat.storage.statements import Spelling, Statement

MESSAGES_PAGE = 50
_chats, _messages = cast("Table", Chat.__table__), cast("Table", Message.__table__)
_generations = cast("Table", Generation.__table__)


class TurnChat(NamedTuple):
    """What a turn needs of its chat."""

    id: UUID
    user_id: UUID
    titled_by: str
    model: str
    system_prompt: str | None
    temperature: float
    leaf_id: UUID | None


class BranchMessage(NamedTuple):
    """What a prompt needs of a message."""

    id: UUID
    role: str
    content: str
    size_tokens: int
    files: tuple[AttachedFile, ...] = ()

    @classmethod
    def of(cls, message: Message) -> "BranchMessage":
        return cls(message.id, message.role, message.content, message.size_tokens, files_in(message.extra))


_OWNED = select(Chat).where(Chat.id == bindparam("chat"), Chat.user_id == bindparam("user"), Chat.purge_at.is_(None))
_OWNED_LOCKED = _OWNED.with_for_update()
_FOR_TURN = Statement(
    select(*(_chats.c[name] for name in TurnChat._fields))
    .where(_chats.c.id == bindparam("chat"), _chats.c.user_id == bindparam("user"), _chats.c.purge_at.is_(None))
    .with_for_update(),
    TurnChat,
)
_IS_RUNNING = _generations.c.status == literal_column("'running'")
"""Written out, so that the partial index answers: a chat's ended generations are not looked at, however many there are."""
_RUNNING = Statement(
    select(_generations.c.id)
    .where(_generations.c.chat_id == bindparam("chat"), _IS_RUNNING)
    .order_by(_generations.c.id)
)
_STARTED_BEFORE = Statement(
    select(_generations.c.id).where(
        _generations.c.chat_id == bindparam("chat"), _generations.c.client_message_id == bindparam("name")
    )
)


def owned_chat(session: Session, chat_id: UUID | None, user_id: UUID, *, lock: bool = False) -> Chat | None:
    """The user's chat of this id. With `lock`, others who lock it wait until this transaction ends."""
    if chat_id is None:
        return None
    asked = {"chat": chat_id, "user": user_id}
    return session.scalars(_OWNED_LOCKED if lock else _OWNED, asked).one_or_none()


def chat_for_turn(session: Session, chat_id: UUID | None, user_id: UUID) -> TurnChat | None:
    """The user's chat of this id, locked: turns in one chat wait for each other."""
    return None if chat_id is None else _FOR_TURN.row(session, {"chat": chat_id, "user": user_id})


def started_before(session: Session, chat_id: UUID, client_message_id: str) -> UUID | None:
    """The first generation of the turn that the client calls so."""
    found = _STARTED_BEFORE.row(session, {"chat": chat_id, "name": client_message_id})
    return None if found is None else found.id


@dataclass(frozen=True, slots=True)
class ActiveGeneration:
    """An answer that is being written now."""

    id: UUID
    message_id: UUID
    model: str


def active_generations(session: Session, chat_ids: Sequence[UUID]) -> dict[UUID, list[ActiveGeneration]]:
    """What is being written in each of these chats; where it is nothing, the chat is left out."""
    rows = session.execute(
        select(Generation.chat_id, Generation.id, Generation.message_id, Message.model)
        .join(Message, Message.id == Generation.message_id)
        .where(Generation.chat_id.in_(chat_ids), _IS_RUNNING)
        .order_by(Generation.id)
    )
    found: dict[UUID, list[ActiveGeneration]] = {}
    for row in rows:
        found.setdefault(row.chat_id, []).append(ActiveGeneration(row.id, row.message_id, row.model or ""))
    return found


def running_generations(session: Session, chat_id: UUID) -> list[UUID]:
    """The generations of the turn that is under way in this chat, its first one first."""
    return [row.id for row in _RUNNING.rows(session, {"chat": chat_id})]


def latest_generation(session: Session, chat_id: UUID) -> UUID | None:
    """The running one, else the last that ran; of a turn with several, the first of them. Ids grow with time."""
    running = running_generations(session, chat_id)
    if running:
        return running[0]
    last = session.execute(
        select(Generation.id, Generation.turn_id)
        .where(Generation.chat_id == chat_id)
        .order_by(Generation.id.desc())
        .limit(1)
    ).one_or_none()
    return (last.turn_id or last.id) if last is not None else None


def message_of(session: Session, chat_id: UUID, message_id: UUID | None) -> Message | None:
    """The message of this id, if it is in this chat."""
    if message_id is None:
        return None
    return session.scalars(select(Message).where(Message.id == message_id, Message.chat_id == chat_id)).one_or_none()


def siblings_of(session: Session, chat_id: UUID, messages: Sequence[Message]) -> dict[UUID | None, list[UUID]]:
    """The ids of all messages that follow the same message as one of these, by what they follow; the oldest first."""
    parents = {message.parent_id for message in messages}
    known = [parent for parent in parents if parent is not None]
    follows = (
        or_(Message.parent_id.in_(known), Message.parent_id.is_(None))
        if None in parents
        else (Message.parent_id.in_(known))
    )
    found: dict[UUID | None, list[UUID]] = {}
    if parents:
        rows = session.execute(
            select(Message.parent_id, Message.id).where(Message.chat_id == chat_id, follows).order_by(Message.id)
        )
        for row in rows:
            found.setdefault(row.parent_id, []).append(row.id)
    return found


def followed_by(session: Session, chat: Chat, before: UUID) -> UUID | None:
    """The message that this one follows; None for the first."""
    message = message_of(session, chat.id, before)
    if message is None:
        raise InvalidInput(FieldProblem("before", "is not a message of this chat"))
    return message.parent_id


BranchPage: TypeAlias = tuple[Sequence[tuple[Message, UUID | None]], UUID | None]
"""Messages, the oldest first, each with its generation's id; and where the page before begins."""


def branch_page(session: Session, chat: Chat, newest: UUID | None, most: int = MESSAGES_PAGE) -> BranchPage:
    """The page of a branch that ends with `newest`.

    Walks towards the first message: the work is that of the page, however long the chat is.
    """
    if newest is None:
        return [], None
    walk = (
        select(Message.id, Message.parent_id, literal(1, Integer).label("depth"))
        .where(Message.id == newest, Message.chat_id == chat.id)
        .cte("walk", recursive=True)
    )
    step = aliased(Message)
    walk = walk.union_all(
        select(step.id, step.parent_id, walk.c.depth + 1)
        .join(walk, step.id == walk.c.parent_id)
        .where(walk.c.depth < most)
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
    """The newest messages of the branch that fit `budget` tokens, oldest first. Empty answers do not appear.

    The walk stops in the database as soon as the budget is used up: it does not read what will not be sent.
    """
    if leaf_id is None or budget <= 0:
        return []
    rows = _NEWEST.rows(session, {"leaf": leaf_id, "budget": budget})
    return [BranchMessage(row.id, row.role, row.content, row.size_tokens, files_in(row.metadata)) for row in rows]


def _newest(spelling: Spelling) -> CompilerElement:
    """Each step finds one message by its id. The texts come along: fetching them afterwards would be a second search."""
    cost = _messages.c.size_tokens + MESSAGE_OVERHEAD
    budget = bindparam("budget", type_=Integer)
    wanted = ("id", "parent_id", "role", "content", "size_tokens", "metadata")
    walk = (
        select(
            *(_messages.c[name] for name in wanted), cost.label("total"), literal_column("1", Integer).label("depth")
        )
        .where(_messages.c.id == bindparam("leaf"), cost <= budget)
        .cte("walk", recursive=True)
    )
    before = _messages.alias("before")
    both, found = spelling.looked_up(walk, before, before.c.id == walk.c.parent_id)
    total = walk.c.total + found.size_tokens + MESSAGE_OVERHEAD
    step = select(*(found[name] for name in wanted), total, walk.c.depth + 1).select_from(both).where(total <= budget)
    walk = walk.union_all(step)
    return (
        select(*(walk.c[name] for name in wanted))
        .where(or_(walk.c.content != literal_column("''"), walk.c.role == literal_column("'user'")))
        .order_by(walk.c.depth.desc())
    )


_NEWEST = Statement(_newest)
