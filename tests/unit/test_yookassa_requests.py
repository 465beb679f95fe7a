"""What our YooKassa client writes: the text that is kept before it is sent."""

import json
from typing import Any

import pytest

from ai_chat.features.billing.ports import PaymentTerms, Receipt, ReceiptLine
from ai_chat.integrations.yookassa.composing import payment_request
from ai_chat.kernel.money import Kopecks

TERMS = PaymentTerms("order-1", Kopecks(99_000), "Premium", return_url="https://chat.example/back")


def composed(terms: PaymentTerms) -> dict[str, Any]:
    value = json.loads(payment_request(terms))
    assert isinstance(value, dict)
    return value


def test_money_is_always_captured_and_amounts_are_texts() -> None:
    body = composed(TERMS)
    assert body["capture"] is True
    assert body["amount"] == {"value": "990.00", "currency": "RUB"}
    assert body["metadata"] == {"order_id": "order-1"}
    assert body["confirmation"]["return_url"] == "https://chat.example/back"
    assert "save_payment_method" not in body


def test_a_saved_method_is_charged_without_sending_anybody_anywhere() -> None:
    body = composed(PaymentTerms("order-1", Kopecks(5), "Premium", saved_method="pm-1"))
    assert body["payment_method_id"] == "pm-1"
    assert body["amount"]["value"] == "0.05"
    assert "confirmation" not in body


def test_texts_are_cut_to_one_line_of_what_fits() -> None:
    body = composed(PaymentTerms("o", Kopecks(1), "a\nb\x00" + "c" * 300, saved_method="m", metadata={"k": "v" * 600}))
    assert body["description"].startswith("a b c")
    assert len(body["description"]) == 128
    assert len(body["metadata"]["k"]) == 512


def test_a_receipt_has_to_make_the_amount() -> None:
    receipt = Receipt("a@example.com", [ReceiptLine("Premium", Kopecks(49_500), 2)], tax_system=2)
    body = composed(PaymentTerms("o", Kopecks(99_000), "Premium", saved_method="m", receipt=receipt))
    assert body["receipt"]["customer"] == {"email": "a@example.com"}
    assert body["receipt"]["items"][0]["amount"] == {"value": "495.00", "currency": "RUB"}
    with pytest.raises(ValueError, match="do not make the amount"):
        composed(PaymentTerms("o", Kopecks(99_001), "Premium", saved_method="m", receipt=receipt))
