"""How the money side is doing at this moment: are the books right, what waits, what needs a person to look at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.features.audit.models import AuditEntry
from ai_chat.features.billing.doctor import diagnose, notes
from ai_chat.features.billing.ledger import balances
from ai_chat.features.billing.models import Notification, Payment, PeriodicJob, Refund, Subscription
from ai_chat.features.mail.models import Mail

ALERTS = ("payment.mismatch", "payment.on_hold", "payment.unwanted", "refund.failed", "receipt.failed")
"""Entries of the audit log that an operator should see."""
_LATELY = timedelta(days=14)
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Condition:
    """The doctor's findings, and what is waiting."""

    complaints: Sequence[str]
    notes: Sequence[str]
    accounts: Mapping[str, int]
    """Kopecks."""
    waiting: Mapping[str, int]
    """Rows that are not decided yet, by what they are."""
    next_sweep_at: datetime | None
    """When the provider's list is compared with ours again."""
    alerts: Sequence[AuditEntry]


def condition(session: Session, now: datetime) -> Condition:
    """All of it; the doctor reads every payment, so this is for people and not for a load balancer."""
    waiting = {
        "payments": _count(session, Payment, Payment.next_look_at.is_not(None)),
        "refunds": _count(session, Refund, Refund.next_look_at.is_not(None)),
        "notifications": _count(session, Notification, Notification.processed_at.is_(None)),
        "letters": _count(session, Mail, Mail.status == "queued"),
        "letters_failed": _count(session, Mail, Mail.status == "failed"),
        "past_due": _count(session, Subscription, Subscription.past_due.is_(True), Subscription.status == "active"),
    }
    alerts = (
        select(AuditEntry)
        .where(AuditEntry.action.in_(ALERTS), AuditEntry.at > now - _LATELY)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(_SHOWN)
    )
    return Condition(
        diagnose(session, now),
        notes(session),
        balances(session),
        waiting,
        session.scalar(select(PeriodicJob.due_at).where(PeriodicJob.name == "sweep")),
        session.scalars(alerts).all(),
    )


def _count(session: Session, model: type, *where: object) -> int:
    query = select(func.count()).select_from(model).where(*where)  # type: ignore[arg-type]
    return session.scalar(query) or 0
