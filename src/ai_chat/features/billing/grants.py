"""Entitlement: Premium is the union of recorded grants, and `users.subscription_tier` is what follows from them.

Whoever changes a grant calls `renew_tier` in the same transaction, with the person's row locked.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.billing.models import Grant
from ai_chat.kernel.ids import new_id

GrantKind = Literal["payment", "trial", "promo", "admin", "grace"]


def give(
    session: Session,
    user_id: UUID,
    reference: str,
    kind: GrantKind,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    now: datetime,
    order_id: UUID | None = None,
    payment_id: UUID | None = None,
    note: str | None = None,
) -> Grant:
    """Records a stretch of Premium. The reference is unique, so the same thing is never given twice."""
    grant = Grant(
        id=new_id(), user_id=user_id, reference=reference, plan="premium", kind=kind, order_id=order_id,
        payment_id=payment_id, starts_at=starts_at, ends_at=ends_at, note=note, created_at=now,
    )  # fmt: skip
    session.add(grant)
    session.flush()
    return grant


def is_given(session: Session, reference: str) -> bool:
    return session.scalar(select(Grant.id).where(Grant.reference == reference)) is not None


def living(session: Session, user_id: UUID, now: datetime) -> Sequence[Grant]:
    """Grants that are running or will, in the order they begin."""
    query = (
        select(Grant)
        .where(Grant.user_id == user_id, Grant.revoked_at.is_(None), or_(Grant.ends_at.is_(None), Grant.ends_at > now))
        .order_by(Grant.starts_at, Grant.id)
    )
    return session.scalars(query).all()


def end_of_time(grants: Iterable[Grant], now: datetime) -> datetime:
    """When what was bought and given is over; grace is only waiting for the next payment and does not count."""
    ends = [grant.ends_at for grant in grants if grant.kind != "grace" and grant.ends_at is not None]
    return max([now, *ends])


def revoke(session: Session, grants: Iterable[Grant], now: datetime, note: str) -> None:
    """Ends grants now. What was to begin after one of them begins earlier by what is gone."""
    ended = list(grants)
    for grant in ended:
        grant.revoked_at, grant.note = now, note[:250]
    for grant in ended:
        if grant.user_id is None or grant.ends_at is None:
            continue
        gone = grant.ends_at - max(now, grant.starts_at)
        for later in living(session, grant.user_id, now):
            if later.starts_at >= grant.ends_at and later.ends_at is not None and later.kind != "grace":
                later.starts_at, later.ends_at = later.starts_at - gone, later.ends_at - gone
    session.flush()


def renew_tier(session: Session, user_id: UUID, now: datetime) -> bool:
    """Brings the person's tier in line with their grants. True where they are on Premium now."""
    running_until: datetime | None = now
    for grant in living(session, user_id, now):
        assert running_until is not None
        if grant.starts_at > running_until:
            break
        if grant.ends_at is None:
            running_until = None
            break
        running_until = max(running_until, grant.ends_at)
    premium = running_until is None or running_until > now
    tier = {
        "subscription_tier": "premium" if premium else "free",
        "subscription_expires_at": running_until if premium else None,
    }
    session.execute(update(User).where(User.id == user_id).values(**tier, updated_at=now))
    return premium
