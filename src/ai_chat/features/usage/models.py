"""Tables of the usage feature: a ledger of messages and its daily totals."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


class UsageDay(Base):
    """A user's messages of one calendar day in the quota's time zone. used + reserved never exceeds the plan's limit."""

    __tablename__ = "usage_days"
    __table_args__ = (CheckConstraint("used >= 0 AND reserved >= 0", name="not_negative"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)


class UsageEntry(Base):
    """One message of a plan: reserved when it is sent, then settled (it counts) or released (it was given back), once."""

    __tablename__ = "usage_entries"
    __table_args__ = (Index("ix_usage_entries_user_created", "user_id", "created_at"),)

    id: Mapped[PrimaryId]
    """The id of the generation it pays for."""
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    day: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    """reserved | settled | released | operator (the product asked by itself: no message of the person's)"""
    model: Mapped[str] = mapped_column(String(100))
    source: Mapped[str] = mapped_column(String(30))
    api_key_id: Mapped[UUID | None]
    """The API key it was sent with. No foreign key: the ledger stays as it is whatever becomes of the key."""
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(default=0)
    cost_usd: Mapped[Decimal | None]
    """What the upstream charged the operator; None where nobody knows."""
    estimated: Mapped[bool] = mapped_column(default=False)
    """True where the upstream reported no usage and tokens or cost are our own estimate."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SpendDay(Base):
    """What the answers of a calendar day have cost the operator, with what workers have taken in advance."""

    __tablename__ = "usage_spend_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    taken: Mapped[int] = mapped_column(BigInteger)
    """Trillionths of a dollar: an integer, so that the database can add exactly."""
    reached_at: Mapped[datetime | None]
    """When the limit was reached for the first time: the operator is told once."""


class LateCost(Base):
    """A cost that is not known yet, and when its provider is asked for it again."""

    __tablename__ = "usage_late_costs"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("usage_entries.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(30))
    answer_id: Mapped[str] = mapped_column(String(100))
    """The provider's id of the answer."""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]


class ChatCreation(Base):
    """A chat was created: kept apart from the chats, because deleting a chat gives nothing back."""

    __tablename__ = "usage_chat_creations"
    __table_args__ = (Index("ix_usage_chat_creations_user_created", "user_id", "created_at"),)

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]


class KeyDay(Base):
    """What an API key has used on one calendar day, for the caps that its owner has put on it."""

    __tablename__ = "usage_key_days"
    __table_args__ = (CheckConstraint("messages >= 0 AND spent_nano_usd >= 0", name="not_negative"),)

    key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    messages: Mapped[int] = mapped_column(default=0)
    """Reserved or counted; those given back are taken off again."""
    spent_nano_usd: Mapped[int] = mapped_column(BigInteger, default=0)
    """Billionths of a dollar: an integer, so that the database can add exactly."""
