"""What a story checks money against: what the product has written down, and a power cut after so many commits."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.features.billing.models import Grant, Order, Payment, PromoCode, PromoUse
from ai_chat.storage.database import Database


@dataclass(frozen=True)
class Paid:
    """What the product knows of a payment; `period` is the one that a renewal is for."""

    id: UUID
    amount: int
    refunded: int
    period: tuple[object, object] | None


@dataclass(frozen=True)
class Books:
    """What the product has written down."""

    payments: dict[str, Paid]
    granted: Counter[UUID]
    trials: int
    used: int
    uses: int


def books_of(session: Session) -> Books:
    rows = session.execute(
        select(Payment, Order).join(Order, Order.id == Payment.order_id).where(Payment.provider_id.is_not(None))
    ).all()
    payments = {}
    for payment, order in rows:
        period = (order.subscription_id, order.period_start) if order.kind == "renewal" else None
        payments[str(payment.provider_id)] = Paid(payment.id, payment.amount, payment.refunded, period)
    granted = Counter(session.scalars(select(Grant.payment_id).where(Grant.payment_id.is_not(None))).all())
    trials = Counter(session.scalars(select(Grant.user_id).where(Grant.kind == "trial")).all())
    return Books(
        payments,
        Counter({payment_id: number for payment_id, number in granted.items() if payment_id is not None}),
        max(trials.values(), default=0),
        session.scalar(select(func.sum(PromoCode.used))) or 0,
        session.scalar(select(func.count()).select_from(PromoUse)) or 0,
    )


class PowerCutError(Exception):
    """The process would be dead by now."""


@contextmanager
def power_until(database: Database, commits: int) -> Iterator[None]:
    """Nothing reaches the database after so many commits: what a kill -9 leaves is what was committed until then."""
    write, read, left = database.write, database.read, commits

    async def last_writes(work: Any, **how: Any) -> Any:
        nonlocal left
        if left <= 0:
            raise PowerCutError
        left -= 1
        return await write(work, **how)

    async def last_reads(work: Any, **how: Any) -> Any:
        if left <= 0:
            raise PowerCutError
        return await read(work, **how)

    database.write, database.read = last_writes, last_reads  # type: ignore[method-assign]
    try:
        yield
    finally:
        database.write, database.read = write, read  # type: ignore[method-assign]
