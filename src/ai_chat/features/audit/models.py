"""Table of the audit log. The database itself refuses to change or delete its rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


class AuditEntry(Base):
    """One deed. No foreign keys: what happened stays true when the account is gone."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_user_at", "user_id", "at"), Index("ix_audit_log_at", "at"))

    id: Mapped[PrimaryId]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    """Id of a user, `operator` (the server's own shell) or `system` (a job)."""
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(64))
    """Id of the order, payment, refund … it was done to."""
    user_id: Mapped[UUID | None]
    """Whom it concerns."""
    details: Mapped[dict[str, Any]]
