"""The money ledger: double entry, append-only, whole kopecks. Each movement is booked once and sums to nothing.

Accounts: `provider` (what the provider holds for us), `sales`, `fees`, `refunds`.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.features.billing.models import LedgerEntry, LedgerTransaction, Payment, Refund
from ai_chat.kernel.ids import new_id


def book_capture(session: Session, payment: Payment, user_id: UUID | None, now: datetime) -> None:
    """A person has paid; the provider keeps its fee."""
    sides = {"provider": payment.amount, "sales": -payment.amount}
    _book(session, f"capture:{payment.id}", "capture", payment, None, user_id, sides, now)
    if payment.fee:
        _book(session, f"fee:{payment.id}", "fee", payment, None, user_id,
              {"fees": payment.fee, "provider": -payment.fee}, now)  # fmt: skip


def book_refund(session: Session, refund: Refund, payment: Payment, user_id: UUID | None, now: datetime) -> None:
    """Money went back; the provider's fee does not come with it."""
    sides = {"refunds": refund.amount, "provider": -refund.amount}
    _book(session, f"refund:{refund.id}", "refund", payment, refund.id, user_id, sides, now)


def balances(session: Session) -> Mapping[str, int]:
    """What stands on each account; together nothing."""
    query = select(LedgerEntry.account, func.sum(LedgerEntry.amount)).group_by(LedgerEntry.account)
    return {account: int(total) for account, total in session.execute(query).all()}


def _book(
    session: Session,
    reference: str,
    kind: str,
    payment: Payment,
    refund_id: UUID | None,
    user_id: UUID | None,
    sides: Mapping[str, int],
    now: datetime,
) -> None:
    """The reference is unique: a second booking of the same thing fails the whole transaction."""
    assert sum(sides.values()) == 0
    transaction = LedgerTransaction(
        id=new_id(), reference=reference, kind=kind, payment_id=payment.id, refund_id=refund_id, user_id=user_id,
        created_at=now,
    )  # fmt: skip
    session.add(transaction)
    session.flush()
    for account, amount in sides.items():
        session.add(
            LedgerEntry(
                id=new_id(), transaction_id=transaction.id, account=account, amount=amount, currency=payment.currency
            )
        )
