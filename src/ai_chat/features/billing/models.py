"""Tables of the billing feature."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


class Subscription(Base):
    __tablename__ = "subscriptions"

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    plan: Mapped[str] = mapped_column(String(20))
    """free | premium"""
    status: Mapped[str] = mapped_column(String(20))
    """active | canceled | expired"""
    yookassa_payment_id: Mapped[str | None] = mapped_column(String(64))
    current_period_start: Mapped[datetime]
    current_period_end: Mapped[datetime]
    cancel_at_period_end: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
