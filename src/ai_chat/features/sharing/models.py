"""The table of the sharing feature."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


class Share(Base):
    """A link to a branch as it was: messages never change, so its newest one says all there was to see."""

    __tablename__ = "shares"

    id: Mapped[PrimaryId]
    """Half of the link; the other half is made of it with the server's secret and kept nowhere (`links.py`)."""
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    leaf_id: Mapped[UUID]
    """The newest message that is shown."""
    title: Mapped[str] = mapped_column(String(255))
    author: Mapped[str | None] = mapped_column(String(255))
    """The name that is shown, where its owner wants that."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
