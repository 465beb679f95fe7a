"""Fiscal receipts (54-FZ) come to the amount to the kopeck and are watched; trials cost nothing until they end."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ai_chat.commands import money
from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.billing.models import Grant, Payment, Refund
from tests.api.helpers import assert_refused
from tests.backends import RULES_BACKENDS
from tests.billing.market import Market, administrator, healthy, open_market, sign_in, subscription, tier


@pytest.fixture(params=RULES_BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


PLANS = "[premium]\ntrial_days = 7\nprice_rub = 333\nprice_rub_year = 3331\n"


@pytest.fixture
async def market(tmp_path: Path, database_url: str | None, emulator: Emulator) -> AsyncIterator[Market]:
    """A shop that must send receipts and gives a week to try."""
    plans = tmp_path / "plans.toml"
    plans.write_text(PLANS)
    settings: dict[str, Any] = {
        "plans_file": plans, "yookassa_receipts": "on", "yookassa_tax_system": 2, "yookassa_vat_code": 11,
    }  # fmt: skip
    async with open_market(tmp_path / "data", emulator, database_url, **settings) as market:
        market.shop.admin.shop(fiscal=True)
        yield market


def receipts(market: Market, path: str) -> list[Any]:
    """Of our calls so far, with the amounts they are for."""
    bodies: list[Any] = [entry.body for entry in market.shop.admin.requests(path, "POST")]
    return [(body["receipt"], Decimal(body["amount"]["value"])) for body in bodies]


def total(receipt: Any) -> Decimal:
    return sum(
        (Decimal(str(item["quantity"])) * Decimal(item["amount"]["value"]) for item in receipt["items"]), Decimal()
    )


async def test_receipts_come_to_odd_amounts_to_the_kopeck_and_refunds_have_their_own(market: Market) -> None:
    admin = await administrator(market)
    await money.add_promo(
        market.product.database, "third", percent=33, roubles=0, days=0, uses=None, period=None, until=None
    )
    user = await market.product.user()
    await market.buy(user, save=False, promoCode="third")
    (payment,) = await market.rows(Payment)
    assert payment.amount == 22_311
    for amount in (1.01, 100.33):
        await admin.post(f"/api/admin/payments/{payment.id}/refund", {"reason": "A part", "amount": amount})
    for amount in (0.99, 121.5):  # nobody gives back less than a rouble: neither now nor what would be left
        refused = await admin.post(f"/api/admin/payments/{payment.id}/refund", {"reason": "Tiny", "amount": amount})
        assert_refused(refused, 409, "REFUND_NOT_POSSIBLE")
    await admin.post(f"/api/admin/payments/{payment.id}/refund", {"reason": "The rest"})
    found = [*receipts(market, "/payments"), *receipts(market, "/refunds")]
    assert [str(amount) for _, amount in found] == ["223.11", "1.01", "100.33", "121.77"]
    for receipt, amount in found:
        assert total(receipt) == amount
        assert receipt["customer"]["email"] == user.user["email"]
        assert receipt["tax_system_code"] == 2
        assert {item["vat_code"] for item in receipt["items"]} == {11}
    await market.travel(minutes=2)
    assert {row.receipt_status for row in [*await market.rows(Payment), *await market.rows(Refund)]} == {"succeeded"}
    assert await healthy(market) == []


async def test_a_receipt_that_is_not_registered_is_an_alert_and_takes_nothing_away(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    market.shop.admin.habits(receipt_fails=True)
    await market.buy(user, save=False)
    await market.travel(minutes=2)
    assert (await market.rows(Payment))[0].receipt_status == "canceled"
    assert await tier(user) == "premium"
    await sign_in(admin)
    state = (await admin.get("/api/admin/condition")).data
    assert [entry["action"] for entry in state["alerts"]] == ["receipt.failed"]
    assert "receipts were not registered" in state["notes"][0]


async def test_a_trial_costs_nothing_then_the_price_and_is_given_once(market: Market) -> None:
    user = await market.product.user()
    order = (await user.post("/api/subscription/checkout", {"plan": "premium", "saveMethod": True})).data
    assert (await user.get(f"/api/orders/{order['orderId']}")).data["kind"] == "trial"
    assert await tier(user) == "free"  # a trial is for whoever lets a card be saved
    market.shop.admin.bind(await market.payment_of(order["orderId"]))
    await market.notified()
    assert await tier(user) == "premium"
    assert (await subscription(user))["trial"] is True
    assert market.shop.admin.payments() == []
    await market.travel(days=9)
    assert [(paid.amount, paid.status) for paid in market.shop.admin.payments()] == [(33_300, "succeeded")]
    assert [grant.kind for grant in await market.rows(Grant)] == ["trial", "payment"]
    assert await healthy(market) == []
    await sign_in(user)
    await user.post("/api/subscription/cancel")
    await market.travel(days=40)
    await sign_in(user)
    again = (await user.post("/api/subscription/checkout", {"plan": "premium", "saveMethod": True})).data
    assert (await user.get(f"/api/orders/{again['orderId']}")).data["kind"] == "purchase"


async def test_whoever_cancels_the_trial_is_never_charged(market: Market) -> None:
    user = await market.product.user()
    order = (await user.post("/api/subscription/checkout", {"plan": "premium", "saveMethod": True})).data
    market.shop.admin.bind(await market.payment_of(order["orderId"]))
    await market.notified()
    await user.post("/api/subscription/cancel")
    await market.travel(days=20)
    assert market.shop.admin.payments() == []
    assert await tier(user) == "free"


async def test_without_a_saved_card_there_is_no_trial_but_an_order(market: Market) -> None:
    user = await market.product.user()
    order = (await user.post("/api/subscription/checkout", {"plan": "premium"})).data
    assert (await user.get(f"/api/orders/{order['orderId']}")).data["amount"] == 333
    refused = await user.post("/api/subscription/checkout", {"plan": "premium", "promoCode": "NEVER"})
    assert_refused(refused, 400, "PROMO_CODE_INVALID")
