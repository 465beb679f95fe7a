"""Table of the mail outbox."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


class Mail(Base):
    """One letter."""

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_next_look_at", "next_look_at"),)

    id: Mapped[PrimaryId]
    reference: Mapped[str] = mapped_column(String(120), unique=True)
    """What it tells of: the same thing is told once."""
    user_id: Mapped[UUID | None]
    recipient: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))
    """queued | sent | logged (no mail server is set) | failed"""
    problem: Mapped[str | None] = mapped_column(String(250))
    looks: Mapped[int] = mapped_column(default=0)
    next_look_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
