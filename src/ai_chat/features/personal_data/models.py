"""The table of what was brought in."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base


class ImportedChat(Base):
    """Where a chat came from, so that a second import of the same file brings nothing twice."""

    __tablename__ = "imported_chats"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(120), primary_key=True)
    """The program and its own id of the conversation."""
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
