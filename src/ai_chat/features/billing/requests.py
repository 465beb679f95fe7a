"""The texts of our calls to the provider, made once, before the call, and kept with the payment. Receipts (54-FZ) too."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ai_chat.features.billing.models import Order, Payment
from ai_chat.features.billing.ports import (
    BindingProvider,
    BindingTerms,
    PaymentProvider,
    PaymentTerms,
    Receipt,
    ReceiptLine,
    RefundProvider,
    RefundTerms,
)
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.money import Kopecks


@dataclass(frozen=True, slots=True)
class ReceiptRules:
    """How the shop is taxed. None of it where the shop registers no receipts through the provider."""

    tax_system: int | None = None
    vat_code: int = 1
    subject: str = "service"
    mode: str = "full_payment"

    def receipt(self, email: str, title: str, amount: int) -> Receipt:
        """One line that comes to exactly `amount`."""
        line = ReceiptLine(title, Kopecks(amount), vat_code=self.vat_code, subject=self.subject, mode=self.mode)
        return Receipt(email, (line,), self.tax_system)


class Requests:
    """Composes payments, bindings and refunds of our orders."""

    def __init__(
        self,
        provider: PaymentProvider,
        bindings: BindingProvider,
        refunds: RefundProvider,
        *,
        web_url: str,
        brand: str,
        receipts: ReceiptRules | None,
    ) -> None:
        self._provider = provider
        self._bindings = bindings
        self._refunds = refunds
        self._web_url = web_url
        self._brand = brand
        self._receipts = receipts
        self.shop_is_recurring = True
        """False once the provider has said that this shop may not save methods."""

    def return_url(self, order_id: UUID) -> str:
        return f"{self._web_url}/checkout/return?order={order_id}"

    def payment(
        self, order: Order, *, now: datetime, saved_method: str | None = None, key: str | None = None
    ) -> Payment:
        """A payment for the order: on the provider's page, or by a saved method without the person."""
        payment_id = new_id()
        request = self._provider.compose_payment(
            PaymentTerms(
                reference=str(payment_id),
                amount=Kopecks(order.amount),
                description=self._title(order),
                return_url=None if saved_method else self.return_url(order.id),
                saved_method=saved_method,
                save_method=order.save_method and self.shop_is_recurring and saved_method is None,
                receipt=self._receipt(order, order.amount),
                locale="en" if order.locale == "en" else "ru",
                customer=str(order.user_id),
                metadata={"order": str(order.id)},
            )
        )
        return _new(order, request, payment_id, "payment", key, now)

    def binding(self, order: Order, *, now: datetime) -> Payment:
        """A card to be saved for the order."""
        payment_id = new_id()
        locale = "en" if order.locale == "en" else "ru"
        request = self._bindings.compose_binding(
            BindingTerms(str(payment_id), self.return_url(order.id), "en" if locale == "en" else "ru")
        )
        return _new(order, request, payment_id, "binding", None, now)

    def refund(self, order: Order, refund_id: UUID, provider_payment_id: str, amount: int, reason: str) -> str:
        """The text of a refund."""
        return self._refunds.compose_refund(
            RefundTerms(str(refund_id), provider_payment_id, Kopecks(amount), reason, self._receipt(order, amount))
        )

    def _receipt(self, order: Order, amount: int) -> Receipt | None:
        return self._receipts.receipt(order.email, self._title(order), amount) if self._receipts is not None else None

    def _title(self, order: Order) -> str:
        if order.locale == "en":
            return f"{self._brand}: {order.plan.capitalize()}, {'a year' if order.period == 'year' else 'a month'}"
        return f"{self._brand}: {order.plan.capitalize()}, {'год' if order.period == 'year' else 'месяц'}"


def _new(order: Order, request: str, payment_id: UUID, kind: str, key: str | None, now: datetime) -> Payment:
    """A payment before its call, due at once in case nobody makes it."""
    return Payment(
        id=payment_id, order_id=order.id, kind=kind, idempotence_key=key or str(new_id()), request=request, status="created",
        amount=order.amount, currency=order.currency, refund_held=0, refunded=0, looks=0, next_look_at=now,
        created_at=now, updated_at=now,
    )  # fmt: skip
