"""An administrator's answers on the wire. Amounts are numbers of roubles."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from ai_chat.features.admin.service import Detail
from ai_chat.features.billing.models import Order, Payment
from ai_chat.http.schemas import CleanText, Moment, WireModel
from ai_chat.kernel.money import roubles


class PaymentInfo(WireModel):
    id: UUID
    order_id: UUID
    user_id: UUID | None
    email: str
    kind: str
    plan: str
    period: str
    provider_id: str | None
    status: str
    order_status: str
    amount: float
    refunded: float
    fee: float | None
    currency: str
    method: str | None
    reason: str | None
    problem: str | None
    """What does not match the order; such a payment has bought nothing."""
    receipt: str | None
    test: bool | None
    created_at: Moment
    captured_at: Moment | None


class RefundInfo(WireModel):
    id: UUID
    provider_id: str | None
    status: str
    amount: float
    cause: str
    reason: str
    requested_by: str
    problem: str | None
    receipt: str | None
    created_at: Moment


class AuditInfo(WireModel):
    id: UUID
    at: Moment
    actor: str
    action: str
    subject: str | None
    user_id: UUID | None
    details: dict[str, Any]


class LedgerLine(WireModel):
    """One side of a movement of money: positive is a debit."""

    at: Moment
    kind: str
    account: str
    amount: float


class GrantInfo(WireModel):
    id: UUID
    kind: str
    starts_at: Moment
    ends_at: Moment | None
    revoked_at: Moment | None
    note: str | None


class NotificationInfo(WireModel):
    event: str
    object_id: str
    sender: str
    deliveries: int
    outcome: str | None
    received_at: Moment
    processed_at: Moment | None


class OrderDetail(WireModel):
    """The deal as it was frozen."""

    price: float
    discount: float
    credit: float
    promo_code: str | None
    free_days: int
    consent_at: Moment | None
    attempt: int | None
    reason: str | None
    created_at: Moment
    paid_at: Moment | None
    expires_at: Moment


class AttemptInfo(WireModel):
    """One payment of an order: an order may have had several, a renewal one for each attempt."""

    id: UUID
    status: str
    amount: float
    reason: str | None
    sent_at: Moment | None
    created_at: Moment


class PaymentDetail(PaymentInfo):
    refundable: float
    order: OrderDetail
    attempts: list[AttemptInfo]
    refunds: list[RefundInfo]
    grants: list[GrantInfo]
    notifications: list[NotificationInfo]
    ledger: list[LedgerLine]
    history: list[AuditInfo]


class RefundRequest(WireModel):
    """Without an amount all that is left is given back. The same `requestId` gives back once, however often it is sent."""

    request_id: UUID | None = None

    amount: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)] | None = None
    reason: Annotated[CleanText, Field(min_length=1, max_length=250)]


def _payment(payment: Payment, order: Order) -> dict[str, Any]:
    same = ("id", "provider_id", "status", "currency", "reason", "problem", "test", "created_at", "captured_at")
    return {
        **{name: getattr(payment, name) for name in same},
        **{name: getattr(order, name) for name in ("user_id", "email", "kind", "plan", "period")},
        "order_id": order.id,
        "order_status": order.status,
        "amount": roubles(payment.amount),
        "refunded": roubles(payment.refunded),
        "fee": roubles(payment.fee) if payment.fee is not None else None,
        "method": payment.method_title,
        "receipt": payment.receipt_status,
    }


def payment_info(payment: Payment, order: Order) -> PaymentInfo:
    return PaymentInfo.model_validate(_payment(payment, order))


def detail_info(detail: Detail) -> PaymentDetail:
    refunds = [
        RefundInfo(
            id=refund.id, provider_id=refund.provider_id, status=refund.status, amount=roubles(refund.amount),
            cause=refund.cause, reason=refund.reason, requested_by=refund.requested_by, problem=refund.problem,
            receipt=refund.receipt_status, created_at=refund.created_at,
        )
        for refund in detail.refunds
    ]  # fmt: skip
    order = detail.order
    return PaymentDetail(
        **_payment(detail.payment, order),
        refundable=roubles(detail.payment.amount - detail.payment.refund_held)
        if detail.payment.status == "succeeded"
        else 0,
        order=OrderDetail(
            price=roubles(order.price), discount=roubles(order.discount), credit=roubles(order.credit),
            promo_code=order.promo_code, free_days=order.free_days, consent_at=order.consent_at, attempt=order.attempt,
            reason=order.reason, created_at=order.created_at, paid_at=order.paid_at, expires_at=order.expires_at,
        ),
        attempts=[
            AttemptInfo(
                id=found.id, status=found.status, amount=roubles(found.amount), reason=found.reason,
                sent_at=found.sent_at, created_at=found.created_at,
            )
            for found in detail.attempts
        ],
        refunds=refunds,
        grants=[GrantInfo.model_validate(grant) for grant in detail.grants],
        notifications=[NotificationInfo.model_validate(found) for found in detail.notifications],
        ledger=[
            LedgerLine(at=moved.created_at, kind=moved.kind, account=entry.account, amount=roubles(entry.amount))
            for moved, entry in detail.ledger
        ],
        history=[AuditInfo.model_validate(entry) for entry in detail.history],
    )  # fmt: skip
