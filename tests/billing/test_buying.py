"""Buying Premium: one payment whatever is clicked, Premium as soon as it succeeds, and never without."""

import asyncio

from ai_chat.features.billing.models import Grant, LedgerEntry, Notification, Order, Payment
from tests.api.helpers import assert_refused
from tests.billing.market import WEBHOOK, Market, subscription, tier


async def test_the_plans_are_public_and_have_their_prices(market: Market) -> None:
    plans = (await market.product.anonymous.get("/api/plans")).data
    assert [(plan["id"], plan["price"], plan["currency"], plan["period"]) for plan in plans] == [
        ("free", 0, "RUB", "month"),
        ("premium", 990, "RUB", "month"),
    ]
    assert plans[1]["prices"] == [{"period": "month", "price": 990}, {"period": "year", "price": 9900}]


async def test_a_paid_order_opens_premium_without_signing_in_again(market: Market) -> None:
    user = await market.product.user()
    assert await subscription(user) | {"plan": "free", "status": "active"} == await subscription(user)
    order_id, payment_id = await market.checkout(user)
    assert (await user.get(f"/api/orders/{order_id}")).data["status"] == "pending"
    assert await tier(user) == "free"
    market.shop.admin.pay(payment_id)
    await market.notified()
    assert (await user.get(f"/api/orders/{order_id}")).data["status"] == "paid"
    assert await tier(user) == "premium"
    now = await subscription(user)
    assert (now["plan"], now["status"], now["cancelAtPeriodEnd"], now["autoRenew"]) == (
        "premium",
        "active",
        False,
        False,
    )


async def test_an_order_is_found_paid_by_looking_where_no_notification_ever_comes(market: Market) -> None:
    market.shop.admin.hooks(drop=-1)
    user = await market.product.user()
    order_id, payment_id = await market.checkout(user)
    market.shop.admin.pay(payment_id)
    await market.travel(seconds=30)
    assert (await user.get(f"/api/orders/{order_id}")).data["status"] == "paid"
    assert await tier(user) == "premium"


async def test_any_number_of_clicks_is_one_payment(market: Market) -> None:
    user = await market.product.user()
    answers = await asyncio.gather(*(user.post("/api/subscription/checkout", {"plan": "premium"}) for _ in range(12)))
    assert len({(answer.data["orderId"], answer.data["confirmationUrl"]) for answer in answers}) == 1
    assert len(await market.rows(Payment)) == 1


async def test_what_was_paid_twice_is_given_back_once(market: Market) -> None:
    user = await market.product.user()
    _, first = await market.checkout(user)
    _, second = await market.checkout(user, period="year")
    market.shop.admin.pay(second)
    await market.notified()
    market.shop.admin.pay(first)
    await market.notified()
    await market.notified()
    assert sorted((row.amount, row.refunded) for row in await market.rows(Payment)) == [(99000, 99000), (990000, 0)]
    assert len(await market.rows(Grant)) == 1
    assert await tier(user) == "premium"


async def test_a_late_success_of_an_abandoned_order_is_honoured(market: Market) -> None:
    user = await market.product.user()
    _, first = await market.checkout(user)
    await market.checkout(user, period="year")
    market.shop.admin.pay(first)
    await market.notified()
    assert {(row.amount, row.status) for row in await market.rows(Order)} == {(99000, "paid"), (990000, "canceled")}
    assert await tier(user) == "premium"


async def test_declined_is_canceled_and_the_next_try_is_a_new_order(market: Market) -> None:
    user = await market.product.user()
    order_id, payment_id = await market.checkout(user)
    market.shop.admin.decline(payment_id, "insufficient_funds")
    await market.notified()
    declined = (await user.get(f"/api/orders/{order_id}")).data
    assert (declined["status"], declined["reason"]) == ("canceled", "insufficient_funds")
    await market.buy(user)
    assert await tier(user) == "premium"


async def test_repeated_and_parallel_notifications_grant_once(market: Market) -> None:
    user = await market.product.user()
    _, payment_id = await market.checkout(user)
    market.shop.admin.pay(payment_id)
    await market.notified()
    body = {"type": "notification", "event": "payment.succeeded", "object": {"id": payment_id}}
    answers = await asyncio.gather(*(market.product.anonymous.post(WEBHOOK, body) for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    await market.notified()
    assert len(await market.rows(Grant)) == 1
    assert len(await market.rows(Notification)) == 1
    assert sum(entry.amount for entry in await market.rows(LedgerEntry)) == 0


async def test_a_forged_success_of_a_pending_payment_grants_nothing(market: Market) -> None:
    user = await market.product.user()
    _, payment_id = await market.checkout(user)
    content = {"id": payment_id, "status": "succeeded", "paid": True}
    body = {"type": "notification", "event": "payment.succeeded", "object": content}
    assert (await market.product.anonymous.post(WEBHOOK, body)).status == 200
    await market.notified()
    assert await tier(user) == "free"


async def test_unknown_events_and_objects_are_taken_and_do_nothing(market: Market) -> None:
    for event in ("payment.succeeded", "refund.succeeded", "payment_method.active", "deal.closed", "tea.ready"):
        body = {"event": event, "object": {"id": "30f5d918-000f-5001-9000-14efbe8f8527"}}
        assert (await market.product.anonymous.post(WEBHOOK, body)).status == 200
    await market.notified()
    assert {row.processed_at is not None for row in await market.rows(Notification)} == {True}


async def test_nobody_sees_anothers_order(market: Market) -> None:
    order_id, _ = await market.checkout(await market.product.user())
    other = await market.product.user()
    assert_refused(await other.get(f"/api/orders/{order_id}"), 404, "ORDER_NOT_FOUND")
    assert (await other.get("/api/orders")).data == []


async def test_a_call_whose_answer_is_lost_is_made_again_and_done_once(market: Market) -> None:
    user = await market.product.user()
    market.shop.admin.fault("500_after")
    answer = await user.post("/api/subscription/checkout", {"plan": "premium"})
    assert_refused(answer, 503, "PAYMENTS_UNAVAILABLE")
    await market.travel(seconds=10)
    order_id, payment_id = await market.checkout(user)
    assert len(await market.rows(Payment)) == 1
    market.shop.admin.pay(payment_id)
    await market.notified()
    assert (await user.get(f"/api/orders/{order_id}")).data["status"] == "paid"


async def test_a_shop_without_recurring_rights_sells_one_period_at_a_time(market: Market) -> None:
    market.shop.admin.shop(recurring=False)
    user = await market.product.user()
    await market.buy(user)
    assert (await subscription(user))["autoRenew"] is False
