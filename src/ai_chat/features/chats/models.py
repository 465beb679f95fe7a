"""Tables of the chats feature. Messages form a tree; a chat points at the last message of its active branch."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


def _where(condition: str, on_sqlite: str | None = None) -> dict[str, Any]:
    """An index of few rows. SQLite takes it only where a query spells the condition in the same way."""
    return {"postgresql_where": text(condition), "sqlite_where": text(on_sqlite or condition)}


class Folder(Base):
    """A person's drawer for chats."""

    __tablename__ = "folders"

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    position: Mapped[int]
    """Counted from 0 in the order in which the person has put them."""
    created_at: Mapped[datetime]


class Chat(Base):
    __tablename__ = "chats"
    # The partial ones are small and cost an ordinary chat nothing when a message moves it to the top.
    __table_args__ = (
        Index("ix_chats_user_updated", "user_id", "updated_at", "id"),
        Index("ix_chats_pinned", "user_id", "updated_at", "id", **_where("pinned", "pinned = 1")),
        Index("ix_chats_archived", "user_id", "updated_at", "id", **_where("archived", "archived = 1")),
        Index("ix_chats_folder", "folder_id", "updated_at", "id", **_where("folder_id IS NOT NULL")),
        Index("ix_chats_purge", "purge_at", **_where("purge_at IS NOT NULL")),
    )

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(255))
    titled_by: Mapped[str] = mapped_column(String(10))
    """person | opening (its first message) | model | nobody"""
    model: Mapped[str] = mapped_column(String(100))
    system_prompt: Mapped[str | None] = mapped_column(Text)
    temperature: Mapped[float] = mapped_column(Float, server_default=text("0.7"))
    leaf_id: Mapped[UUID | None]
    """Newest message of the active branch; no foreign key, because messages point back at chats."""
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    archived: Mapped[bool] = mapped_column(default=False, server_default=false())
    folder_id: Mapped[UUID | None] = mapped_column(ForeignKey("folders.id", ondelete="SET NULL"))
    purge_at: Mapped[datetime | None]
    """Deleted: it does not exist for anybody any more, can be restored until then, and goes with all that hangs on it."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_chat", "chat_id", "id"),
        Index("ix_messages_parent", "chat_id", "parent_id", "id"),
    )

    id: Mapped[PrimaryId]
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    parent_id: Mapped[UUID | None]
    """The message before it. Not a foreign key: messages only ever go with their whole chat, and a cascade along a
    conversation of 2,000 messages would nest deeper than SQLite allows."""
    role: Mapped[str] = mapped_column(String(20))
    """user | assistant | system"""
    content: Mapped[str] = mapped_column(Text)
    reasoning: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    """generating | complete | stopped | interrupted | failed"""
    model: Mapped[str | None] = mapped_column(String(100))
    finish_reason: Mapped[str | None] = mapped_column(String(50))
    error_code: Mapped[str | None] = mapped_column(String(50))
    tokens_used: Mapped[int] = mapped_column(default=0)
    """What the upstream reports for the whole exchange (`usage.total_tokens`), else our estimate; 0 on a user's message."""
    size_tokens: Mapped[int] = mapped_column(default=0)
    """Our estimate for this text alone: contexts are cut by it without reading the texts again."""
    cost_usd: Mapped[Decimal | None]
    # The plan's column is called `metadata`, a word SQLAlchemy keeps for itself on classes.
    extra: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created_at: Mapped[datetime]


class Generation(Base):
    """One run of a model, for an assistant's message or for a program: who runs it, whether it still lives, how it ended."""

    __tablename__ = "generations"
    __table_args__ = (
        Index("ix_generations_chat", "chat_id", "id"),
        Index(
            "uq_generations_client_message",
            "chat_id",
            "client_message_id",
            unique=True,
            sqlite_where=text("client_message_id IS NOT NULL"),
            postgresql_where=text("client_message_id IS NOT NULL"),
        ),
        Index(
            "ix_generations_running",
            "chat_id",  # not the heartbeat: an index on what changes every second would be rewritten every second
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
    )

    id: Mapped[PrimaryId]
    chat_id: Mapped[UUID | None] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    """None, with both messages, for an answer to a program: it is handed over and not kept."""
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    user_message_id: Mapped[UUID | None]
    shown_characters: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How much of an answer that is not kept has been handed over, so that whoever ends it for a dead process knows whether
    it counts."""
    turn_id: Mapped[UUID | None]
    """The first generation of its turn, where a turn has several (compare); None where it is alone."""
    client_message_id: Mapped[str | None] = mapped_column(String(100))
    """What the client calls the turn; on its first generation. Repeating it attaches, and never sends twice."""
    status: Mapped[str] = mapped_column(String(10))
    """running | ended"""
    answer_id: Mapped[str | None] = mapped_column(String(100))
    """The provider's id of the answer: by it can be asked what it cost, also when our process was killed."""
    worker: Mapped[str] = mapped_column(String(60))
    heartbeat_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
