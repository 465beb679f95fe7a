"""Tables of the search: what messages and titles are found by, and what is still to be read for that.

Triggers of the database put every message and title that was written or changed into the queue, in the transaction that
writes it; the indexer empties it. So nothing that writes has to think of the search, and nothing is forgotten.
"""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.full_text import LEXEMES
from ai_chat.storage.tables import Base


class SearchQueue(Base):
    """A message or a chat's title that is to be read. The numbers only grow: of two, the larger saw the newer text."""

    __tablename__ = "search_queue"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    message_id: Mapped[UUID | None]
    chat_id: Mapped[UUID | None]


class SearchMessage(Base):
    """What a message is found by."""

    __tablename__ = "search_messages"

    place: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    """Its moment, so that larger is newer."""
    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    chat_id: Mapped[UUID]
    """No foreign key: checking it would lock the chat against whoever sends into it."""
    version: Mapped[int] = mapped_column(BigInteger)
    """The queue's number that the words are as new as."""
    words: Mapped[str] = mapped_column(LEXEMES)


class SearchTitle(Base):
    """What a chat is found by beside its messages."""

    __tablename__ = "search_titles"

    place: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), unique=True)
    version: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[str] = mapped_column(LEXEMES)
