"""Reading shares and what they show. Messages are only ever reached by walking up from what is shared."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CTE, Integer, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from ai_chat.features.accounts.models import User
from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.files.models import MessageFile
from ai_chat.features.sharing.models import Share

PAGE = 100


def living_share(session: Session, share_id: UUID | None, now: datetime) -> Share | None:
    """The share of this id, unless its time is over, its chat is deleted or its owner blocked."""
    if share_id is None:
        return None
    living = or_(Share.expires_at.is_(None), Share.expires_at > now)
    query = select(Share).join(Chat, Chat.id == Share.chat_id).join(User, User.id == Chat.user_id)
    shown = Share.id == share_id, living, Chat.purge_at.is_(None), User.blocked_at.is_(None)
    return session.scalars(query.where(*shown)).one_or_none()


def shares_of(session: Session, chat_id: UUID, now: datetime) -> Sequence[Share]:
    """The living shares of a chat, the newest first."""
    living = or_(Share.expires_at.is_(None), Share.expires_at > now)
    return session.scalars(select(Share).where(Share.chat_id == chat_id, living).order_by(Share.id.desc())).all()


def count_shares(session: Session, chat_id: UUID) -> int:
    return session.scalar(select(func.count()).select_from(Share).where(Share.chat_id == chat_id)) or 0


def last_finished(session: Session, chat: Chat, from_id: UUID | None) -> Message | None:
    """The newest message from this one upwards that is not being written."""
    found = session.get(Message, from_id) if from_id is not None else None
    while found is not None and (found.chat_id != chat.id or found.status == "generating"):
        found = session.get(Message, found.parent_id) if found.parent_id is not None else None
    return found


def _walk(share: Share, depth: int | None = None) -> CTE:
    """The ids of the branch, the newest first, as far as `depth`."""
    start = select(Message.id, Message.parent_id, literal(1, Integer).label("depth"))
    walk = start.where(Message.id == share.leaf_id, Message.chat_id == share.chat_id).cte("walk", recursive=True)
    step = aliased(Message)
    up = select(step.id, step.parent_id, walk.c.depth + 1).join(walk, step.id == walk.c.parent_id)
    return walk.union_all(up if depth is None else up.where(walk.c.depth < depth))


def branch_of(session: Session, share: Share, skip: int = 0, page: int | None = PAGE) -> tuple[list[Message], bool]:
    """Messages of the branch, the oldest first: a page of them before the newest `skip`, or all; and whether there are
    older ones.
    """
    most = None if page is None else skip + page + 1
    walk = _walk(share, most)
    query = select(Message).join(walk, walk.c.id == Message.id).where(walk.c.depth > skip)
    found = list(session.scalars(query.order_by(walk.c.depth)).all())
    more = page is not None and len(found) > page
    return found[:page][::-1], more


def shows_file(session: Session, share: Share, file_id: UUID) -> bool:
    """A message of the shared branch has this file."""
    walk = _walk(share)
    has = exists().where(MessageFile.message_id == walk.c.id, MessageFile.file_id == file_id)
    return bool(session.scalar(select(exists(select(walk.c.id).where(has)))))
