"""Storing a whole conversation at once: one that was shared, or comes from another program."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.files.attached import AttachedFile, noted, tokens_of
from ai_chat.features.files.service import link
from ai_chat.kernel.ids import new_id

_STORE = insert(cast("Table", Message.__table__))
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CopiedMessage:
    """A message of a conversation that is stored; `parent` is the place of the one it follows, which stands before it."""

    parent: int | None
    role: Literal["user", "assistant", "system"]
    content: str
    tokens: int
    created_at: datetime
    reasoning: str | None = None
    model: str | None = None
    files: tuple[AttachedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class CopiedChat:
    """A conversation: its messages in the order in which they were said, and which of them is the newest of the active branch."""

    title: str
    model: str
    messages: Sequence[CopiedMessage]
    leaf: int | None
    created_at: datetime
    updated_at: datetime
    system_prompt: str | None = None
    temperature: float = 0.7


def store_chat(session: Session, user_id: UUID, copied: CopiedChat) -> UUID:
    """Stores it as a chat of this user's; the caller has checked that they may have it. Ids grow in the order of saying."""
    chat_id, ids = new_id(), [new_id() for _ in copied.messages]
    session.add(
        Chat(
            id=chat_id,
            user_id=user_id,
            title=copied.title,
            titled_by="person",
            model=copied.model,
            system_prompt=copied.system_prompt,
            temperature=copied.temperature,
            leaf_id=ids[copied.leaf] if copied.leaf is not None else None,
            created_at=copied.created_at,
            updated_at=copied.updated_at,
        )
    )
    session.flush()
    rows = [_row(chat_id, ids, place, message) for place, message in enumerate(copied.messages)]
    for start in range(0, len(rows), _AT_ONCE):
        session.connection().execute(_STORE, rows[start : start + _AT_ONCE])
    for message_id, message in zip(ids, copied.messages, strict=True):
        if message.files:
            link(session, message_id, message.files)
    return chat_id


def _row(chat_id: UUID, ids: Sequence[UUID], place: int, message: CopiedMessage) -> dict[str, Any]:
    return {
        "id": ids[place],
        "chat_id": chat_id,
        "parent_id": ids[message.parent] if message.parent is not None else None,
        "role": message.role,
        "content": message.content,
        "reasoning": message.reasoning,
        "status": "complete",
        "model": message.model,
        "finish_reason": "stop" if message.role == "assistant" else None,
        "size_tokens": message.tokens + tokens_of(message.files),
        "tokens_used": 0,
        "metadata": noted(message.files) if message.files else {},
        "created_at": message.created_at,
    }
