"""What follows a purchase: it is renewed with consent, once a period, until it is canceled; and money can go back."""

from datetime import datetime

import pytest

from ai_chat.commands import money, users
from ai_chat.features.billing.models import Grant, Payment
from ai_chat.features.mail.models import Mail
from tests.api.helpers import assert_refused
from tests.backends import RULES_BACKENDS
from tests.billing.market import Market, administrator, healthy, subscription, tier


@pytest.fixture(params=RULES_BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_saved_card_renews_once_a_month(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    first = datetime.fromisoformat((await subscription(user))["currentPeriodEnd"])
    await market.travel(days=32)
    renewals = await market.renewals()
    assert [order.status for order in renewals] == ["paid"]
    assert datetime.fromisoformat((await subscription(user))["currentPeriodEnd"]) > first
    assert await tier(user) == "premium"
    assert await healthy(market) == []


async def test_nothing_is_charged_after_a_cancellation_and_premium_lasts_to_the_end(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    canceled = (await user.post("/api/subscription/cancel")).data
    assert (canceled["status"], canceled["cancelAtPeriodEnd"]) == ("active", True)
    await market.travel(days=20)
    assert await tier(user) == "premium"
    await market.travel(days=13)
    assert await tier(user) == "free"
    assert (await subscription(user))["status"] == "expired"
    assert await market.renewals() == []
    assert await healthy(market) == []


async def test_resuming_renews_again(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    await user.post("/api/subscription/cancel")
    assert (await user.post("/api/subscription/resume")).data["cancelAtPeriodEnd"] is False
    await market.travel(days=32)
    assert [order.status for order in await market.renewals()] == ["paid"]


async def test_a_declined_renewal_is_tried_again_within_the_grace(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    market.shop.admin.script(await market.card(), "insufficient_funds", "insufficient_funds", "ok")
    await market.travel(days=37)
    assert [order.status for order in await market.renewals()] == ["canceled", "canceled", "paid"]
    now = await subscription(user)
    assert (now["status"], now["pastDue"]) == ("active", False)
    assert await healthy(market) == []


async def test_premium_ends_with_the_grace_where_no_retry_helps(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    market.shop.admin.script(await market.card(), *["insufficient_funds"] * 9)
    await market.travel(days=33)
    assert await tier(user) == "premium"
    assert (await subscription(user))["pastDue"] is True
    await market.travel(days=6)
    assert await tier(user) == "free"
    assert [order.status for order in await market.renewals()] == ["canceled"] * 4
    assert await healthy(market) == []


async def test_a_withdrawn_permission_stops_at_once_and_asks_for_another_card(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    market.shop.admin.revoke(await market.card())
    await market.travel(days=34)
    assert len(await market.renewals()) == 1
    assert (await subscription(user))["paymentMethod"] is None
    order = (await user.post("/api/subscription/payment-method")).data
    market.shop.admin.bind(await market.payment_of(order["orderId"]))
    await market.notified()
    await market.travel(hours=1)
    assert [order.status for order in await market.renewals()] == ["canceled", "paid"]
    assert await healthy(market) == []


async def test_a_full_refund_ends_premium_at_once_and_a_partial_one_keeps_it(market: Market) -> None:
    user, admin = await market.product.user(), await administrator(market)
    await market.buy(user)
    payment = (await market.rows(Payment))[0]
    path = f"/api/admin/payments/{payment.id}/refund"
    assert_refused(await user.post(path, {"reason": "mine"}), 404, "NOT_FOUND")
    await admin.post(path, {"amount": 90, "reason": "A day was lost"})
    await market.notified()
    assert await tier(user) == "premium"
    detail = (await admin.post(path, {"reason": "Changed their mind"})).data
    await market.notified()
    assert sum(refund["amount"] for refund in detail["refunds"]) == 990
    assert await tier(user) == "free"
    assert (await subscription(user))["status"] == "canceled"
    assert_refused(await admin.post(path, {"reason": "again"}), 409, "REFUND_NOT_POSSIBLE")
    assert await healthy(market) == []


async def test_to_a_year_costs_what_the_month_has_not_used(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    order = (await user.post("/api/subscription/period", {"period": "year"})).data
    amount = (await user.get(f"/api/orders/{order['orderId']}")).data["amount"]
    assert 9900 - 990 <= amount < 9900
    market.shop.admin.pay(await market.payment_of(order["orderId"]))
    await market.notified()
    assert (await subscription(user))["period"] == "year"
    assert (await user.post("/api/subscription/period", {"period": "month"})).data["orderId"] is None
    assert (await subscription(user))["nextPeriod"] == "month"
    assert await healthy(market) == []


async def test_a_promo_code_is_used_once_and_free_days_cost_nothing(market: Market) -> None:
    await money.add_promo(
        market.product.database, "week", percent=0, roubles=0, days=7, uses=1, period=None, until=None
    )
    user, other = await market.product.user(), await market.product.user()
    order = (await user.post("/api/subscription/checkout", {"plan": "premium", "promoCode": "WEEK"})).data
    assert (await user.get(f"/api/orders/{order['orderId']}")).data["status"] == "paid"
    assert await tier(user) == "premium"
    refused = await other.post("/api/subscription/checkout", {"plan": "premium", "promoCode": "week"})
    assert_refused(refused, 400, "PROMO_CODE_INVALID")
    await market.travel(days=8)
    assert await tier(user) == "free"


async def test_the_operators_plan_is_a_grant_and_letters_are_kept(market: Market) -> None:
    user = await market.product.user()
    await users.set_plan(market.product.database, user.user["email"], "premium", None)
    assert [grant.kind for grant in await market.rows(Grant)] == ["admin"]
    assert_refused(await user.post("/api/subscription/checkout", {"plan": "premium"}), 409, "ALREADY_SUBSCRIBED")
    assert await healthy(market) == []
    buyer = await market.product.user()
    await market.buy(buyer)
    await market.notified()
    assert [mail.status for mail in await market.rows(Mail)] == ["logged"]


async def test_the_dashboard_counts_what_was_paid(market: Market) -> None:
    admin = await administrator(market)
    await market.buy(await market.product.user())
    figures = (await admin.get("/api/admin/dashboard")).data
    assert (figures["revenue"], figures["mrr"], figures["activeSubscribers"]) == (990, 990, 1)
    assert "990.00" in (await admin.get("/api/admin/payments.csv")).text
