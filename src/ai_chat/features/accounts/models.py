"""Tables of the accounts feature."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


class User(Base):
    __tablename__ = "users"

    id: Mapped[PrimaryId]
    email: Mapped[str] = mapped_column(String(255), unique=True)
    """Normalised to lower case: one address is one account, however it is typed."""
    password_hash: Mapped[str] = mapped_column(String(255))
    full_name: Mapped[str | None] = mapped_column(String(255))
    avatar_url: Mapped[str | None] = mapped_column(String(500))
    subscription_tier: Mapped[str] = mapped_column(String(20), server_default="free")
    subscription_expires_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AuthSession(Base):
    """One signed-in browser or API client. Access tokens name it, so revoking it ends them all at once."""

    __tablename__ = "auth_sessions"

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the refresh token; the token itself is only in the browser's cookie."""
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    """The token before the last rotation, which still works for the grace period. Any other that names this session, or this
    one later, was stolen: the session ends.
    """
    rotated_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user_agent: Mapped[str | None] = mapped_column(String(255))
