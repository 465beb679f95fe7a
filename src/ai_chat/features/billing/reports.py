"""What the provider said about a payment, in the one shape that settlement reads, and whether it is about our order at all."""

from dataclasses import dataclass
from datetime import datetime

from ai_chat.features.billing.lifecycle import PaymentStatus
from ai_chat.features.billing.models import Payment
from ai_chat.features.billing.ports import Binding, SavedMethod
from ai_chat.features.billing.ports import Payment as Reported


@dataclass(frozen=True, slots=True)
class Report:
    """The state of one payment, or of one card being saved."""

    provider_id: str
    status: PaymentStatus
    amount: int = 0
    currency: str = "RUB"
    shop_id: str = ""
    reference: str | None = None
    test: bool | None = None
    confirmation_url: str | None = None
    method: SavedMethod | None = None
    reason: str | None = None
    net: int | None = None
    refunded: int = 0
    receipt: str | None = None
    created_at: datetime | None = None
    captured_at: datetime | None = None


def of_payment(payment: Reported) -> Report:
    return Report(
        provider_id=payment.id,
        status=payment.state,
        amount=payment.amount,
        currency=payment.currency,
        shop_id=payment.shop_id,
        reference=payment.reference,
        test=payment.test,
        confirmation_url=payment.confirmation_url,
        method=payment.method,
        reason=payment.reason,
        net=payment.net,
        refunded=payment.refunded,
        receipt=payment.receipt,
        created_at=payment.created_at,
        captured_at=payment.captured_at,
    )


def of_binding(binding: Binding) -> Report:
    states: dict[str, PaymentStatus] = {"pending": "pending", "active": "succeeded", "inactive": "canceled"}
    return Report(
        provider_id=binding.method.id,
        status=states[binding.state],
        shop_id=binding.shop_id,
        confirmation_url=binding.confirmation_url,
        method=binding.method,
        reason="binding_failed" if binding.state == "inactive" else None,
    )


def mismatch(payment: Payment, report: Report, shop_id: str, *, live: bool) -> str | None:
    """What does not fit our order, in words for the operator; None where all does. `live` forbids test money."""
    wrong = []
    if payment.provider_id is not None and payment.provider_id != report.provider_id:
        wrong.append(f"id {report.provider_id} instead of {payment.provider_id}")
    if report.shop_id and report.shop_id != shop_id:
        wrong.append(f"shop {report.shop_id}")
    if payment.kind == "payment":
        if report.amount != payment.amount:
            wrong.append(f"amount {report.amount} instead of {payment.amount}")
        if report.currency != payment.currency:
            wrong.append(f"currency {report.currency}")
        if report.reference is not None and report.reference != str(payment.id):
            wrong.append(f"reference {report.reference}")
        if report.test is not None and (
            (payment.test is not None and payment.test != report.test) or (live and report.test)
        ):
            wrong.append("test money" if report.test else "no test money")
    return ", ".join(wrong)[:500] or None
