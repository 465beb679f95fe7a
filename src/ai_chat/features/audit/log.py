"""Writing the audit log: an entry stands or falls with the transaction that does what it tells of."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.audit.models import AuditEntry
from ai_chat.kernel.ids import new_id

SYSTEM = "system"
OPERATOR = "operator"


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: object = None,
    user_id: UUID | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Adds an entry. `details` are plain JSON values, and nothing secret."""
    session.add(
        AuditEntry(
            id=new_id(),
            at=at,
            actor=actor,
            action=action,
            subject=str(subject) if subject is not None else None,
            user_id=user_id,
            details=dict(details or {}),
        )
    )


def history(
    session: Session, *, user_id: UUID | None = None, subjects: tuple[str, ...] = (), limit: int = 200
) -> list[AuditEntry]:
    """The newest entries, all of them or those about a person or some subjects."""
    query = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)
    if user_id is not None:
        query = query.where(AuditEntry.user_id == user_id)
    if subjects:
        query = query.where(AuditEntry.subject.in_(subjects))
    return list(session.scalars(query).all())
