"""Life of an emulated payment: paid, declined, held, expired, refunded, charged again, receipted."""

from __future__ import annotations

from typing import Any

import pytest

from ai_chat.emulators.yookassa.cards import CARDS
from tests.emulators.yookassa_shop import YooShop, order, rub


async def refund(shop: YooShop, payment_id: str, value: str = "990.00", **more: Any) -> dict[str, Any]:
    return (await shop.post("/refunds", {"payment_id": payment_id, "amount": rub(value), **more})).json


async def test_a_paid_payment_says_what_the_shop_gets(shop: YooShop) -> None:
    payment = await shop.open("100.00")
    shop.emulator.admin.pay(payment["id"])
    paid = await shop.look(payment["id"])
    assert (paid["status"], paid["paid"], paid["refundable"]) == ("succeeded", True, True)
    assert paid["income_amount"]["value"] == "95.73"
    assert paid["refunded_amount"]["value"] == "0.00"
    assert paid["captured_at"].endswith("Z")
    assert paid["payment_method"]["saved"] is False
    assert "confirmation" not in paid


@pytest.mark.parametrize("number", [number for number, card in CARDS.items() if card.reason])
async def test_each_bad_card_has_its_reason(shop: YooShop, number: str) -> None:
    payment = await shop.open()
    shop.emulator.admin.pay(payment["id"], card=number)
    declined = await shop.look(payment["id"])
    card = CARDS[number]
    assert (declined["status"], declined["paid"]) == ("canceled", False)
    assert declined["cancellation_details"] == {"party": card.party, "reason": card.reason}


async def test_an_unpaid_payment_is_canceled_after_an_hour(shop: YooShop) -> None:
    payment = await shop.open()
    shop.emulator.admin.advance(seconds=3590)
    assert (await shop.look(payment["id"]))["status"] == "pending"
    shop.emulator.admin.advance(seconds=10)
    assert (await shop.look(payment["id"]))["cancellation_details"]["reason"] == "expired_on_confirmation"


async def test_without_capture_the_money_is_only_held(shop: YooShop) -> None:
    body = order()
    del body["capture"]
    held = (await shop.post("/payments", body)).json["id"]
    shop.emulator.admin.pay(held)
    waiting = await shop.look(held)
    assert (waiting["status"], waiting["paid"]) == ("waiting_for_capture", True)
    assert waiting["expires_at"] > waiting["created_at"]
    taken = (await shop.post(f"/payments/{held}/capture", {"amount": rub("500.00")})).json
    assert (taken["status"], taken["amount"]["value"]) == ("succeeded", "500.00")


async def test_a_hold_can_be_canceled_or_runs_out_and_nothing_else_can(shop: YooShop) -> None:
    ids = [(await shop.open(capture=False))["id"] for _ in range(3)]
    assert (await shop.post(f"/payments/{ids[0]}/cancel")).status == 400
    for payment_id in ids[:2]:
        shop.emulator.admin.pay(payment_id)
    canceled = (await shop.post(f"/payments/{ids[0]}/cancel")).json
    assert canceled["cancellation_details"] == {"party": "merchant", "reason": "canceled_by_merchant"}
    shop.emulator.admin.advance(days=7)
    assert (await shop.look(ids[1]))["cancellation_details"]["reason"] == "expired_on_capture"
    assert (await shop.post(f"/payments/{ids[1]}/capture")).status == 400


async def test_refunds_add_up_to_the_amount_and_no_further(shop: YooShop) -> None:
    payment = await shop.open("100.00")
    assert (await refund(shop, payment["id"], "1.00"))["code"] == "invalid_request"
    shop.emulator.admin.pay(payment["id"])
    first = await refund(shop, payment["id"], "60.00", description="part")
    assert (first["status"], first["payment_id"]) == ("succeeded", payment["id"])
    assert (await refund(shop, payment["id"], "40.01"))["parameter"] == "amount"
    await refund(shop, payment["id"], "40.00")
    after = await shop.look(payment["id"])
    assert (after["status"], after["refunded_amount"]["value"], after["refundable"]) == ("succeeded", "100.00", False)
    listed = (await shop.get("/refunds", payment_id=payment["id"])).json["items"]
    assert [row["amount"]["value"] for row in listed] == ["40.00", "60.00"]
    assert (await shop.get(f"/refunds/{first['id']}")).json == first


async def test_a_refund_needs_money_in_the_shop(shop: YooShop) -> None:
    payment = await shop.open()
    shop.emulator.admin.pay(payment["id"])
    shop.emulator.admin.shop(balance=100)
    refused = await refund(shop, payment["id"])
    assert (refused["status"], refused["cancellation_details"]["reason"]) == ("canceled", "insufficient_funds")


async def test_a_refund_may_take_its_time_and_then_fail(shop: YooShop) -> None:
    payment = await shop.open()
    shop.emulator.admin.pay(payment["id"], kind="sbp")
    slow = await refund(shop, payment["id"], "10.00")
    assert slow["status"] == "pending"
    shop.emulator.admin.advance(days=1)
    assert (await shop.get(f"/refunds/{slow['id']}")).json["status"] == "succeeded"
    shop.emulator.admin.habits(sbp_refund_seconds=5, refund_reason="rejected_by_payee")
    failing = await refund(shop, payment["id"], "10.00")
    shop.emulator.admin.advance(seconds=5)
    assert (await shop.get(f"/refunds/{failing['id']}")).json["cancellation_details"]["reason"] == "rejected_by_payee"
    assert (await shop.look(payment["id"]))["refunded_amount"]["value"] == "10.00"


async def test_a_saved_card_is_charged_without_its_owner(shop: YooShop) -> None:
    method = await shop.saved()
    assert (await shop.look(method))["payment_method"]["saved"] is True
    charged = await shop.charge(method)
    assert (charged["status"], charged["payment_method"]["id"]) == ("succeeded", method)
    assert charged["id"] != method


async def test_a_script_decides_what_becomes_of_charges(shop: YooShop) -> None:
    method = await shop.saved()
    shop.emulator.admin.script(method, "insufficient_funds", "pending", "pending:call_issuer", "ok")
    declined = await shop.charge(method)
    assert declined["cancellation_details"] == {"party": "payment_network", "reason": "insufficient_funds"}
    assert declined["payment_method"]["saved"] is True
    slow, failing = await shop.charge(method), await shop.charge(method)
    assert (slow["status"], failing["status"]) == ("pending", "pending")
    shop.emulator.admin.advance(seconds=5)
    assert (await shop.look(slow["id"]))["status"] == "succeeded"
    assert (await shop.look(failing["id"]))["cancellation_details"]["reason"] == "call_issuer"
    assert (await shop.charge(method))["status"] == "succeeded"


async def test_cards_expire_are_emptied_and_permissions_are_revoked(shop: YooShop) -> None:
    old, poor, revoked = [
        await shop.saved(expiry="12/32"),
        await shop.saved(card="2200000000000079"),
        await shop.saved(),
    ]
    shop.emulator.admin.revoke(revoked)
    shop.emulator.admin.advance(days=3000)
    reasons = [(await shop.charge(m))["cancellation_details"]["reason"] for m in (old, poor, revoked)]
    assert reasons == ["card_expired", "insufficient_funds", "permission_revoked"]


async def test_only_a_saved_method_can_be_charged(shop: YooShop) -> None:
    unticked = await shop.saved(save=False)
    never_asked = await shop.open()
    shop.emulator.admin.pay(never_asked["id"], save=True)
    for method in (unticked, never_asked["id"], "invented"):
        assert (await shop.charge(method))["parameter"] == "payment_method_id"
    no_autopay = await shop.open(save_payment_method=True)
    shop.emulator.admin.pay(no_autopay["id"], kind="sbp", bank="100000000999")
    assert (await shop.look(no_autopay["id"]))["payment_method"]["saved"] is False


async def test_a_shop_without_the_right_may_not_even_ask(shop: YooShop) -> None:
    method = await shop.saved()
    shop.emulator.admin.shop(recurring=False)
    for body in (order(save_payment_method=True), {"amount": rub("1.00"), "payment_method_id": method}):
        reply = await shop.post("/payments", body)
        assert (reply.status, reply.json["code"]) == (403, "forbidden")
        assert "recurring" in reply.json["description"]
    assert (await shop.post("/payments", order())).status == 200


async def test_a_card_is_bound_without_a_payment(shop: YooShop) -> None:
    body = {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": "https://shop.example"}}
    binding = (await shop.post("/payment_methods", body)).json
    assert (binding["status"], binding["saved"]) == ("pending", False)
    shop.emulator.admin.bind(binding["id"])
    bound = (await shop.get(f"/payment_methods/{binding['id']}")).json
    assert (bound["status"], bound["saved"], bound["title"]) == ("active", True, "Bank card *4444")
    assert (await shop.charge(binding["id"]))["status"] == "succeeded"


def receipt(value: str = "990.00", **item: Any) -> dict[str, Any]:
    line = {"description": "Premium", "quantity": 1, "amount": rub(value), "vat_code": 1, **item}
    return {"customer": {"email": "a@example.com"}, "items": [line]}


async def test_a_fiscal_shop_needs_receipts_and_registers_them(shop: YooShop) -> None:
    shop.emulator.admin.shop(fiscal=True)
    refused = await shop.post("/payments", order())
    assert (refused.status, refused.json["description"]) == (400, "Receipt is missing or illegal")
    payment = await shop.open(receipt=receipt())
    shop.emulator.admin.pay(payment["id"])
    assert (await shop.look(payment["id"]))["receipt_registration"] == "pending"
    shop.emulator.admin.advance(seconds=5)
    assert (await shop.look(payment["id"]))["receipt_registration"] == "succeeded"
    listed = (await shop.get("/receipts", payment_id=payment["id"])).json["items"]
    assert (listed[0]["type"], listed[0]["registered_at"][-6:]) == ("payment", "+03:00")
    given_back = await refund(shop, payment["id"])
    shop.emulator.admin.advance(seconds=5)
    assert (await shop.get(f"/refunds/{given_back['id']}")).json["receipt_registration"] == "succeeded"


async def test_a_receipt_may_fail(shop: YooShop) -> None:
    shop.emulator.admin.habits(receipt_fails=True)
    payment = await shop.open(receipt=receipt())
    shop.emulator.admin.pay(payment["id"])
    shop.emulator.admin.advance(seconds=5)
    assert (await shop.look(payment["id"]))["receipt_registration"] == "canceled"


@pytest.mark.parametrize(
    "wrong",
    [
        receipt("989.99"),
        receipt(vat_code=13),
        receipt(vat_code="1"),
        receipt(quantity=0),
        receipt(quantity="many"),
        receipt(description=""),
        receipt(payment_mode="gift"),
        receipt(payment_subject="dream"),
        {**receipt(), "customer": {}},
        {**receipt(), "items": []},
        {**receipt(), "tax_system_code": 7},
    ],
)
async def test_a_receipt_that_the_tax_office_would_not_take_is_refused(shop: YooShop, wrong: dict[str, Any]) -> None:
    assert (await shop.post("/payments", order(receipt=wrong))).json["description"] == "Receipt is missing or illegal"
