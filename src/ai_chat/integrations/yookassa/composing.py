"""Writes YooKassa's requests. The text is kept by billing and sent as it is, now and after any restart or upgrade."""

import json
from collections.abc import Mapping

from ai_chat.features.billing.ports import BindingTerms, PaymentTerms, Receipt, RefundTerms
from ai_chat.kernel.money import CURRENCY, amount_text

REFERENCE = "order_id"
"""Under this name our own id travels in the metadata."""
_LOCALES = {"ru": "ru_RU", "en": "en_US"}
_MOST_METADATA = 16


def payment_request(terms: PaymentTerms) -> str:
    """`capture` is always said: left out, the money would be held for days and then returned."""
    body: dict[str, object] = {
        "amount": _money(terms.amount),
        "capture": True,
        "description": _line(terms.description, 128),
        "metadata": _metadata(terms.reference, terms.metadata),
    }
    if terms.saved_method is not None:
        body["payment_method_id"] = terms.saved_method
    else:
        if terms.return_url is None:
            raise ValueError("a payment needs a saved method, or an address to return to")
        body["confirmation"] = _redirect(terms.return_url, terms.locale)
        if terms.pay_with is not None:
            body["payment_method_data"] = {"type": terms.pay_with}
        if terms.save_method:
            body["save_payment_method"] = True
    if terms.customer is not None:
        body["merchant_customer_id"] = _line(terms.customer, 200)
    if terms.receipt is not None:
        body["receipt"] = _receipt(terms.receipt, terms.amount)
    return _written(body)


def refund_request(terms: RefundTerms) -> str:
    body: dict[str, object] = {
        "payment_id": terms.payment_id,
        "amount": _money(terms.amount),
        "description": _line(terms.reason, 250),
        "metadata": _metadata(terms.reference, {}),
    }
    if terms.receipt is not None:
        body["receipt"] = _receipt(terms.receipt, terms.amount)
    return _written(body)


def binding_request(terms: BindingTerms) -> str:
    return _written({"type": "bank_card", "confirmation": _redirect(terms.return_url, terms.locale)})


def _redirect(return_url: str, locale: str) -> dict[str, object]:
    return {"type": "redirect", "return_url": return_url, "locale": _LOCALES[locale]}


def _receipt(receipt: Receipt, amount: int) -> dict[str, object]:
    if sum(line.price * line.quantity for line in receipt.lines) != amount:
        raise ValueError("the lines of the receipt do not make the amount")
    items = [
        {
            "description": _line(line.description, 128),
            "quantity": line.quantity,
            "amount": _money(line.price),
            "vat_code": line.vat_code,
            "payment_subject": line.subject,
            "payment_mode": line.mode,
            "measure": "piece",
        }
        for line in receipt.lines
    ]
    written: dict[str, object] = {"customer": {"email": receipt.email}, "items": items}
    if receipt.tax_system is not None:
        written["tax_system_code"] = receipt.tax_system
    return written


def _metadata(reference: str, more: Mapping[str, str]) -> dict[str, str]:
    pairs = {REFERENCE: reference, **{_line(name, 32): _line(value, 512) for name, value in more.items()}}
    if len(pairs) > _MOST_METADATA:
        raise ValueError(f"more than {_MOST_METADATA} pairs of metadata")
    return pairs


def _money(kopecks: int) -> dict[str, object]:
    return {"value": amount_text(kopecks), "currency": CURRENCY}


def _line(text: str, length: int) -> str:
    """The text as one line of at most `length` characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length]


def _written(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
