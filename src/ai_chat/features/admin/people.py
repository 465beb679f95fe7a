"""What an operator does to people, from the admin pages or the server's shell: look, block, let in, give Premium, end it.

The deeds run inside a caller's transaction and write themselves into the audit log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Float, cast, func, select, update
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import AuthSession, User
from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.audit.log import record
from ai_chat.features.billing import grants
from ai_chat.features.billing.delivery import move
from ai_chat.features.billing.lifecycle import SubscriptionEvent
from ai_chat.features.billing.models import Grant, Order, Payment, SavedMethod, Subscription
from ai_chat.features.usage.models import UsageEntry
from ai_chat.kernel.clock import iso
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Person:
    """An account with what it has bought and what it has cost."""

    user: User
    subscription: Subscription | None
    method: SavedMethod | None
    grants: Sequence[Grant]
    payments: Sequence[tuple[Payment, Order]]
    messages: int
    cost_usd: Decimal
    last_message_at: datetime | None


def person(session: Session, user_id: UUID) -> Person:
    """USER_NOT_FOUND where there is none."""
    user = session.get(User, user_id)
    if user is None:
        raise AppError(ErrorCode.USER_NOT_FOUND)
    given = select(Grant).where(Grant.user_id == user_id).order_by(Grant.id.desc()).limit(_SHOWN)
    bought = (
        select(Payment, Order)
        .join(Order, Order.id == Payment.order_id)
        .where(Order.user_id == user_id)
        .order_by(Payment.id.desc())
        .limit(_SHOWN)
    )
    used = select(
        func.count(), func.sum(cast(UsageEntry.cost_usd, Float)), func.max(UsageEntry.created_at)
    ).where(UsageEntry.user_id == user_id)  # fmt: skip
    messages, cost, last = session.execute(used).one()
    kept = select(SavedMethod).where(SavedMethod.user_id == user_id, SavedMethod.status == "active")
    return Person(
        user,
        session.scalar(select(Subscription).where(Subscription.user_id == user_id)),
        session.scalar(kept.limit(1)),
        session.scalars(given).all(),
        [(row[0], row[1]) for row in session.execute(bought).all()],
        messages,
        Decimal(str(cost or 0)),
        last,
    )


def set_blocked(session: Session, user_id: UUID, *, blocked: bool, actor: str, now: datetime) -> None:
    """A blocked person is signed out everywhere, and what is being written for them stops."""
    moment = now if blocked else None
    session.execute(update(User).where(User.id == user_id).values(blocked_at=moment, updated_at=now))
    if blocked:
        open_ones = AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None)
        session.execute(update(AuthSession).where(*open_ones).values(revoked_at=now))
    record(session, at=now, actor=actor, action="user.blocked" if blocked else "user.unblocked", user_id=user_id)


def give_premium(
    session: Session, user_id: UUID, until: datetime | None, reason: str, *, actor: str, now: datetime
) -> None:
    """Premium from now on, for ever or `until` a moment; it takes the place of what was given before, not of what was paid."""
    lock_user(session, user_id)
    before = [grant for grant in grants.living(session, user_id, now) if grant.kind == "admin"]
    grants.revoke(session, before, now, "Given anew.")
    grants.give(
        session, user_id, f"admin:{new_id()}", "admin", starts_at=now, ends_at=until, now=now, note=reason[:250]
    )
    _record_plan(session, user_id, "premium", until, reason, actor, now)


def end_premium(
    session: Session, user_id: UUID, reason: str, *, actor: str, now: datetime, only_given: bool = False
) -> None:
    """Ends Premium now: what was given, and unless `only_given` what was paid as well (no money goes back by this, and
    nothing more is charged).
    """
    lock_user(session, user_id)
    living = grants.living(session, user_id, now)
    ended = [grant for grant in living if grant.kind == "admin" or not only_given]
    grants.revoke(session, ended, now, reason[:250])
    subscription = session.scalar(select(Subscription).where(Subscription.user_id == user_id).with_for_update())
    if not only_given and subscription is not None and subscription.status == "active":
        subscription.canceled_at, subscription.current_period_end = now, min(subscription.current_period_end, now)
        move(subscription, SubscriptionEvent.CANCEL, now)
        move(subscription, SubscriptionEvent.TIME_OVER, now)
    _record_plan(session, user_id, "free", None, reason, actor, now)


def _record_plan(
    session: Session, user_id: UUID, plan: str, until: datetime | None, reason: str, actor: str, now: datetime
) -> None:
    grants.renew_tier(session, user_id, now)
    details = {"plan": plan, "until": iso(until) if until is not None else None, "reason": reason}
    record(session, at=now, actor=actor, action="user.plan_set", user_id=user_id, details=details)
