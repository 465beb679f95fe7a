"""How a refund begins: its amount is held of the payment by the statement that checks that so much is left."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from ai_chat.features.billing.models import Payment, Refund
from ai_chat.kernel.ids import new_id

RefundCause = Literal["admin", "duplicate", "mismatch", "provider"]


def hold_refund(
    session: Session,
    payment: Payment,
    amount: int,
    *,
    cause: RefundCause,
    reason: str,
    requested_by: str,
    now: datetime,
    due: datetime | None,
    key: str | None = None,
) -> UUID | None:
    """Writes a refund down; None where less than `amount` is left of the payment. A job sends it when it is `due`."""
    if amount <= 0:
        return None
    session.flush()
    held = session.execute(
        update(Payment)
        .where(Payment.id == payment.id, Payment.refund_held + amount <= Payment.amount)
        .values(refund_held=Payment.refund_held + amount)
    )
    if held.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        return None
    session.refresh(payment)
    refund = Refund(
        id=new_id(), payment_id=payment.id, idempotence_key=key or str(new_id()), request="", status="created", amount=amount,
        currency=payment.currency, cause=cause, reason=reason[:250], requested_by=requested_by, next_look_at=due,
        looks=0, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(refund)
    session.flush()
    return refund.id
