"""An administrator's answers on the wire. Amounts are numbers of roubles."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from ai_chat.features.admin.service import Detail
from ai_chat.features.audit.models import AuditEntry
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


class AuditInfo(WireModel):
    id: UUID
    at: Moment
    actor: str
    action: str
    subject: str | None
    user_id: UUID | None
    details: dict[str, Any]


class PaymentDetail(PaymentInfo):
    refunds: list[RefundInfo]
    grants: list[GrantInfo]
    notifications: list[NotificationInfo]
    history: list[AuditInfo]


class RefundRequest(WireModel):
    """Without an amount all that is left is given back."""

    amount: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)] | None = None
    reason: Annotated[CleanText, Field(min_length=1, max_length=250)]


class UserInfo(WireModel):
    id: UUID
    email: str
    full_name: str | None
    role: str
    subscription_tier: str
    subscription_expires_at: Moment | None
    blocked_at: Moment | None
    created_at: Moment


class MailInfo(WireModel):
    id: UUID
    recipient: str
    subject: str
    text: str
    status: str
    problem: str | None
    created_at: Moment
    sent_at: Moment | None


class Rate(WireModel):
    rub_per_usd: Annotated[float, Field(gt=0, le=100_000)]


class DayInfo(WireModel):
    day: str
    revenue: float
    refunds: float
    cost: float


class ShareInfo(WireModel):
    name: str
    revenue: float
    cost: float
    messages: int


class FiguresInfo(WireModel):
    revenue: float
    refunds: float
    fees: float
    mrr: float
    active_subscribers: int
    new_subscribers: int
    canceled_subscribers: int
    users: int
    conversion: float
    churn: float
    failed_renewals: int
    upstream_cost: float
    gross_margin: float
    rub_per_usd: float
    days: list[DayInfo]
    by_model: list[ShareInfo]
    by_plan: list[ShareInfo]
    loss_making: list[ShareInfo]


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


def audit_info(entry: AuditEntry) -> AuditInfo:
    return AuditInfo.model_validate(entry)


def detail_info(detail: Detail) -> PaymentDetail:
    refunds = [
        RefundInfo(
            id=refund.id, provider_id=refund.provider_id, status=refund.status, amount=roubles(refund.amount),
            cause=refund.cause, reason=refund.reason, requested_by=refund.requested_by, problem=refund.problem,
            receipt=refund.receipt_status, created_at=refund.created_at,
        )
        for refund in detail.refunds
    ]  # fmt: skip
    return PaymentDetail(
        **_payment(detail.payment, detail.order),
        refunds=refunds,
        grants=[GrantInfo.model_validate(grant) for grant in detail.grants],
        notifications=[NotificationInfo.model_validate(found) for found in detail.notifications],
        history=[audit_info(entry) for entry in detail.history],
    )
