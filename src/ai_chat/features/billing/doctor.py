"""Proof that the books are right. Each check is a sentence about what is wrong; none is the proof."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.billing.models import Grant, LedgerEntry, LedgerTransaction, Order, Payment, Refund
from ai_chat.features.usage.models import UsageEntry

_STALE = timedelta(hours=24)
_SETTLING = timedelta(minutes=10)
_SHOWN = 5


def diagnose(session: Session, now: datetime) -> list[str]:
    """Everything that is wrong with money, Premium and reservations."""
    checks = (
        _unbalanced(session),
        _not_booked(session),
        _neither_granted_nor_refunded(session, now),
        _refunds_that_do_not_add_up(session),
        _charged_twice(session),
        _premium_without_grant(session, now),
        _stale_reservations(session, now),
    )
    return [sentence for sentence in checks if sentence is not None]


def notes(session: Session) -> list[str]:
    """What an operator should look at, though the books are right."""
    odd = session.scalars(select(Payment.id).where(Payment.problem.is_not(None))).all()
    unregistered = [
        found
        for model in (Payment, Refund)
        for found in session.scalars(select(model.id).where(model.receipt_status == "canceled")).all()
    ]
    sentences = (
        _said("payments at the provider do not match their orders and have bought nothing", odd),
        _said("fiscal receipts were not registered", unregistered),
    )
    return [sentence for sentence in sentences if sentence is not None]


def _unbalanced(session: Session) -> str | None:
    query = (
        select(LedgerEntry.transaction_id)
        .group_by(LedgerEntry.transaction_id, LedgerEntry.currency)
        .having(func.sum(LedgerEntry.amount) != 0)
    )
    return _said("ledger transactions do not balance", session.scalars(query).all())


def _not_booked(session: Session) -> str | None:
    """The ledger says the same as the payments and refunds, each by each."""
    booked: dict[tuple[object, str], int] = {}
    query = select(LedgerTransaction.payment_id, LedgerEntry.account, func.sum(LedgerEntry.amount)).join(
        LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id
    )
    for payment_id, account, total in session.execute(
        query.group_by(LedgerTransaction.payment_id, LedgerEntry.account)
    ).all():
        booked[payment_id, account] = int(total)
    wrong = []
    for payment in session.execute(select(Payment.id, Payment.status, Payment.amount, Payment.refunded)).all():
        sold = payment.amount if payment.status == "succeeded" else 0
        same = (
            booked.get((payment.id, "sales"), 0) == -sold and booked.get((payment.id, "refunds"), 0) == payment.refunded
        )
        if not same:
            wrong.append(payment.id)
    return _said("payments are not in the ledger as they happened", wrong)


def _neither_granted_nor_refunded(session: Session, now: datetime) -> str | None:
    granted = select(Grant.payment_id).where(Grant.payment_id == Payment.id).exists()
    query = select(Payment.id).where(
        Payment.status == "succeeded",
        Payment.amount > 0,
        ~granted,
        Payment.refund_held < Payment.amount,
        Payment.updated_at < now - _SETTLING,
    )
    return _said("captured payments have neither been granted nor refunded", session.scalars(query).all())


def _refunds_that_do_not_add_up(session: Session) -> str | None:
    done = (
        select(func.coalesce(func.sum(Refund.amount), 0))
        .where(Refund.payment_id == Payment.id, Refund.status == "succeeded")
        .scalar_subquery()
    )
    query = select(Payment.id).where(or_(Payment.refunded != done, Payment.refunded > Payment.amount))
    return _said("payments' refunds do not add up", session.scalars(query).all())


def _charged_twice(session: Session) -> str | None:
    """Two honoured renewals of one period."""
    query = (
        select(Order.subscription_id)
        .where(Order.kind == "renewal", Order.status == "paid")
        .group_by(Order.subscription_id, Order.period_start)
        .having(func.count() > 1)
    )
    return _said("subscriptions were charged twice for one period", session.scalars(query).all())


def _premium_without_grant(session: Session, now: datetime) -> str | None:
    covered = (
        select(Grant.id)
        .where(
            Grant.user_id == User.id,
            Grant.revoked_at.is_(None),
            Grant.starts_at <= now,
            or_(Grant.ends_at.is_(None), Grant.ends_at > now),
        )
        .exists()
    )
    query = select(User.id).where(
        User.subscription_tier == "premium",
        or_(User.subscription_expires_at.is_(None), User.subscription_expires_at > now),
        ~covered,
    )
    return _said("accounts are on Premium without a recorded grant", session.scalars(query).all())


def _stale_reservations(session: Session, now: datetime) -> str | None:
    query = select(UsageEntry.id).where(UsageEntry.state == "reserved", UsageEntry.created_at < now - _STALE)
    return _said("messages have been reserved for more than a day", session.scalars(query).all())


def _said(what: str, found: Sequence[object]) -> str | None:
    if not found:
        return None
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{len(found)} {what}: {', '.join(str(one) for one in found[:_SHOWN])}{more}"
