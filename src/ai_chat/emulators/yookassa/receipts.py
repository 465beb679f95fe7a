"""Fiscal receipts (54-FZ): what the tax office would not take is refused."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from ai_chat.emulators.json_values import Json, JsonObject, as_list, as_object, as_text
from ai_chat.emulators.yookassa.failures import RECEIPT, Failure, invalid
from ai_chat.emulators.yookassa.shapes import kopecks_of

_MODES = frozenset(
    ("full_prepayment", "partial_prepayment", "advance", "full_payment", "partial_payment", "credit", "credit_payment")
)
_SUBJECTS = frozenset(
    (
        "commodity", "excise", "job", "service", "gambling_bet", "gambling_prize", "lottery", "lottery_prize",
        "intellectual_activity", "payment", "agent_commission", "composite", "another", "property_right",
        "non_operating_gain", "sales_tax", "resort_fee",
    )
)  # fmt: skip
_MOST_ITEMS = 80


def checked_receipt(value: Json, amount: int, *, needed: bool) -> JsonObject | None:
    """The receipt of a payment or a refund over `amount` kopecks; None where there is none and none is needed."""
    if value is None:
        if needed:
            raise _illegal()
        return None
    receipt = as_object(value)
    customer = as_object(receipt.get("customer"))
    if "@" not in as_text(customer.get("email")) and not as_text(customer.get("phone")).isdigit():
        raise _illegal("receipt.customer")
    items = as_list(receipt.get("items"))
    if not 0 < len(items) <= _MOST_ITEMS:
        raise _illegal("receipt.items")
    tax_system = receipt.get("tax_system_code")
    if tax_system is not None and tax_system not in range(1, 7):
        raise _illegal("receipt.tax_system_code")
    if sum(_line_kopecks(as_object(item)) for item in items) != amount:
        raise _illegal("receipt.items")
    return receipt


def _line_kopecks(item: JsonObject) -> Decimal:
    if not 0 < len(as_text(item.get("description"))) <= 128:
        raise _illegal("receipt.items.description")
    if item.get("vat_code") not in range(1, 13) or isinstance(item.get("vat_code"), bool):
        raise _illegal("receipt.items.vat_code")
    if as_text(item.get("payment_mode"), "full_payment") not in _MODES:
        raise _illegal("receipt.items.payment_mode")
    if as_text(item.get("payment_subject"), "service") not in _SUBJECTS:
        raise _illegal("receipt.items.payment_subject")
    price = kopecks_of(item.get("amount"))
    try:
        quantity = Decimal(str(item.get("quantity")))
    except InvalidOperation:
        raise _illegal("receipt.items.quantity") from None
    if price is None or not quantity.is_finite() or quantity <= 0:
        raise _illegal("receipt.items.amount")
    return price * quantity


def _illegal(parameter: str = "receipt") -> Failure:
    return invalid(RECEIPT, parameter)
