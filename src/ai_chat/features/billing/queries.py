"""Orders as their owner sees them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.billing.models import Order, Payment
from ai_chat.features.billing.schemas import OrderInfo, order_info

HISTORY = 100


def order_of(session: Session, user_id: UUID, order_id: UUID) -> OrderInfo | None:
    """One order; None where it is not this person's."""
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user_id))
    return _infos(session, [order])[0] if order is not None else None


def history_of(session: Session, user_id: UUID) -> list[OrderInfo]:
    """The newest orders."""
    query = select(Order).where(Order.user_id == user_id).order_by(Order.id.desc()).limit(HISTORY)
    return _infos(session, list(session.scalars(query).all()))


def _infos(session: Session, orders: list[Order]) -> list[OrderInfo]:
    query = select(Payment).where(Payment.order_id.in_([order.id for order in orders])).order_by(Payment.id)
    latest = {payment.order_id: payment for payment in session.scalars(query).all()}
    infos = []
    for order in orders:
        payment = latest.get(order.id)
        infos.append(
            order_info(
                order,
                confirmation_url=payment.confirmation_url if payment else None,
                refunded=_returned(order, payment) if payment else 0,
                receipt=payment.receipt_status if payment else None,
                method=payment.method_title if payment else None,
            )
        )
    return infos


def _returned(order: Order, payment: Payment) -> int:
    """What went back. What is given back by rule, because the order was given up, counts from the decision: it is not kept."""
    return payment.refund_held if order.status == "canceled" else payment.refunded
