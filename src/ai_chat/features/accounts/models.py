"""Tables of the accounts feature."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


def _given(table: str, column: str) -> Index:
    """To find at once the few rows where this moment has come."""
    given = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{column}", column, sqlite_where=given, postgresql_where=given)


class User(Base):
    __tablename__ = "users"
    __table_args__ = (_given("users", "blocked_at"),)

    id: Mapped[PrimaryId]
    email: Mapped[str] = mapped_column(String(255), unique=True)
    """Normalised to lower case: one address is one account, however it is typed."""
    password_hash: Mapped[str] = mapped_column(String(255))
    full_name: Mapped[str | None] = mapped_column(String(255))
    avatar_url: Mapped[str | None] = mapped_column(String(500))
    subscription_tier: Mapped[str] = mapped_column(String(20), server_default="free")
    subscription_expires_at: Mapped[datetime | None]
    role: Mapped[str] = mapped_column(String(10), server_default="user")
    """user | admin"""
    blocked_at: Mapped[datetime | None]
    custom_instructions: Mapped[str | None] = mapped_column(Text)
    """What the person asks of every answer. A column of its own: it is read with every message that is sent."""
    preferences: Mapped[dict[str, Any] | None]
    """How the web app looks and behaves for this person: the chosen fields of `PreferencesInfo`."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AuthSession(Base):
    """One signed-in browser or API client. Access tokens name it, so revoking it ends them all at once."""

    __tablename__ = "auth_sessions"
    __table_args__ = (_given("auth_sessions", "revoked_at"),)

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


class ApiKey(Base):
    """What a program of the user's signs in with. It opens `/v1` and nothing else, and of that only what it is allowed."""

    __tablename__ = "api_keys"
    __table_args__ = (_given("api_keys", "revoked_at"),)

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the key, which is random; the key itself is shown once and kept nowhere."""
    prefix: Mapped[str] = mapped_column(String(24))
    """How the key begins, so that its owner can tell it from others."""
    scopes: Mapped[list[str]] = mapped_column(JSON)
    models: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """The models it may use; None for all of the plan."""
    daily_messages: Mapped[int | None]
    monthly_spend_usd: Mapped[Decimal | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    """To about a minute: a write for each request would cost more than the request."""
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
