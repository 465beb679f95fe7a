"""Buying Premium, from the order to the end of the subscription, against the emulated YooKassa."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ai_chat.emulators.json_values import JsonObject
from ai_chat.emulators.yookassa.cards import CARDS
from tests.buying import Till, open_till, parallel

BAD_CARDS = {card.reason: number for number, card in CARDS.items() if card.reason}


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    async with open_till(tmp_path) as opened:
        yield opened
        assert await opened.complaints() == []


async def test_whoever_pays_is_on_premium(till: Till) -> None:
    person = await till.product.user()
    order = await till.buy(person)
    assert (await till.order(person, order))["status"] == "paid"
    assert await till.tier(person) == "premium"
    assert (await till.subscription(person))["status"] == "active"


async def test_nobody_sees_somebody_else_s_order(till: Till) -> None:
    person, stranger = await till.product.user(), await till.product.user()
    order, _ = await till.checkout(person)
    answer = await stranger.get(f"/api/orders/{order}")
    assert (answer.status, answer.error["code"]) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize("reason", sorted(BAD_CARDS))
async def test_whoever_is_declined_is_not(till: Till, reason: str) -> None:
    person = await till.product.user()
    order = await till.buy(person, card=BAD_CARDS[reason])
    assert (await till.order(person, order))["status"] == "canceled"
    assert await till.tier(person) == "free"


async def test_a_double_click_and_two_tabs_make_one_payment(till: Till) -> None:
    person = await till.product.user()
    opened = await parallel(*(till.checkout(person) for _ in range(5)))
    assert len(set(opened)) == 1
    assert len(till.kassa.admin.payments()) == 1


async def test_without_any_notification_premium_comes_all_the_same(till: Till) -> None:
    till.kassa.admin.hooks(drop=-1)
    person = await till.product.user()
    order, payment = await till.checkout(person)
    till.kassa.admin.pay(payment)
    await till.travel(seconds=300)
    await till.decided(person, order)
    assert await till.tier(person) == "premium"


@pytest.mark.parametrize("knobs", [{"duplicate": 4}, {"before_answer": True}, {"delay": 60}, {"ahead": 3}])
async def test_odd_notifications_grant_once(till: Till, knobs: dict[str, int]) -> None:
    till.kassa.admin.hooks(**knobs)
    person = await till.product.user()
    order, payment = await till.checkout(person)
    till.kassa.admin.pay(payment)
    await till.travel(seconds=120)
    await till.travel(seconds=120)
    await till.decided(person, order)
    assert await till.tier(person) == "premium"


@pytest.mark.parametrize(
    "fault",
    ["500_after", "500_before", "reset_after", "reset_before", "html502_after", "202_after", "truncated", "429"],
)
async def test_an_order_survives_a_call_that_failed(till: Till, fault: str) -> None:
    person = await till.product.user()
    till.kassa.admin.fault(fault)
    await person.post("/api/subscription/checkout", {"plan": "premium"})
    await till.travel(seconds=60)
    order, payment = await till.checkout(person)
    assert [known.id for known in till.kassa.admin.payments()] == [payment]
    till.kassa.admin.pay(payment)
    await till.decided(person, order)
    assert (await till.order(person, order))["status"] == "paid"


@pytest.mark.parametrize("fault", ["wrong_amount", "wrong_currency", "wrong_shop", "wrong_test"])
async def test_what_does_not_match_the_order_grants_nothing(till: Till, fault: str) -> None:
    person = await till.product.user()
    _, payment = await till.checkout(person)
    till.kassa.admin.fault(fault, times=None, method="GET")
    till.kassa.admin.pay(payment)
    await till.work()
    assert await till.tier(person) == "free"


async def test_a_forged_notification_does_nothing(till: Till) -> None:
    person = await till.product.user()
    _, payment = await till.checkout(person)
    forged: JsonObject = {"id": payment, "status": "succeeded", "paid": True}
    assert await till.kassa.admin.forge("payment.succeeded", forged) == 403
    assert await till.kassa.admin.forge("payment.succeeded", forged, source="185.71.76.1") == 200
    assert await till.kassa.admin.forge("payment.succeeded", {"id": "invented"}, source="185.71.76.1") == 200
    await till.work()
    assert await till.tier(person) == "free"


async def test_it_is_renewed_every_month_once(till: Till) -> None:
    person = await till.product.user()
    await till.buy(person)
    for _ in range(70):
        await till.travel(days=1)
    charges = [payment for payment in till.kassa.admin.payments() if payment.status == "succeeded"]
    assert len(charges) == 3


async def test_after_a_cancellation_nothing_is_charged_and_premium_ends_in_time(till: Till) -> None:
    person = await till.product.user()
    await till.buy(person)
    canceled = (await person.post("/api/subscription/cancel")).data
    assert canceled["cancelAtPeriodEnd"] is True
    assert await till.tier(person) == "premium"
    for _ in range(40):
        await till.travel(days=1)
    assert len(till.kassa.admin.payments()) == 1


async def test_a_lost_renewal_call_charges_once(till: Till) -> None:
    person = await till.product.user()
    await till.buy(person)
    till.kassa.admin.fault("reset_after", times=3)
    for _ in range(35):
        await till.travel(days=1)
    assert len([payment for payment in till.kassa.admin.payments() if payment.status == "succeeded"]) == 2
