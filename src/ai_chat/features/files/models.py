"""Tables of the files feature.

What is stored and who has it are apart: a copy of a chat has the same content again without storing it again, and content
outlives its last file just long enough to be deleted from the store (`sweeping.py`), however its owner went.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


class FileContent(Base):
    """What lies in the object store. The row is written before anything is stored there, so that nothing can be lost track of."""

    __tablename__ = "file_contents"
    __table_args__ = (Index("ix_file_contents_created", "created_at"),)

    id: Mapped[PrimaryId]
    """Names the objects, see `keys_of`."""
    kind: Mapped[str] = mapped_column(String(10))
    """image | document | text"""
    type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of what is shown to its owner."""
    width: Mapped[int | None]
    height: Mapped[int | None]
    tokens: Mapped[int]
    """Our estimate of what it takes of a model's window."""
    created_at: Mapped[datetime]


class File(Base):
    """A person's file."""

    __tablename__ = "files"

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    content_id: Mapped[UUID] = mapped_column(ForeignKey("file_contents.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    kept_until: Mapped[datetime] = mapped_column(index=True)
    """Until then it stays although no message has it."""
    created_at: Mapped[datetime]


class MessageFile(Base):
    """A message has a file. The message itself knows what it shows of it; this is what keeps the file."""

    __tablename__ = "message_files"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True, index=True)
