"""Twenty ways in which payments go wrong, each with the test that shows what we do about it.

| what happens | shown by |
|---|---|
| 1 a notification twice, in parallel | test_buying: repeated_and_parallel_notifications_grant_once |
| 2 notifications out of order | here: an_old_notification_changes_nothing |
| 3 a notification before the call was answered | api/test_buying: odd_notifications_grant_once[before_answer]; here: a_renewal_announced_early |
| 4 the person is back before the notification | here: the_return_page_finds_it_by_looking |
| 5 the notification never comes | test_buying: an_order_is_found_paid_by_looking |
| 6 forged sender, body or id | test_buying: a_forged_success, unknown_events; api/test_buying: a_forged_notification |
| 7 amount, currency, shop or test flag differ | here: another_amount_goes_back, what_was_a_mistake, what_is_not_ours |
| 8 the price changed between order and payment | here: the_order_is_the_deal |
| 9 double click, two tabs | test_buying: any_number_of_clicks_is_one_payment; two_workers |
| 10 the call timed out, for hours | test_buying: a_call_whose_answer_is_lost; here: after_a_day_the_call_is_looked_up |
| 11 the key belongs to another text | here: a_key_that_belongs_to_another_text |
| 12 an abandoned order is paid late | test_buying: a_late_success, what_was_paid_twice; here: an_hour_is_over |
| 13 canceled after it had succeeded | here: what_has_succeeded_stays |
| 14 refunds in parts, pending, canceled | test_renewals_and_refunds: a_full_refund; here: a_refund_that_takes_days, a_refund_that_fails |
| 15 a refund after the period, or of a renewal | here: a_renewal_is_refunded, a_refund_after_the_end |
| 16 the method was not saved | here: what_was_not_saved; test_buying: a_shop_without_recurring_rights |
| 17 the card is removed, revoked, expired | test_renewals_and_refunds: a_withdrawn_permission; here: a_removed_card |
| 18 killed between call and commit; canceled meanwhile | stories/test_killed_while_paying; here: a_cancellation_while |
| 19 months, leap days, midnight, downtime, several workers | unit/test_billing_rules; here: because_we_were_down; stories: two_workers |
| 20 money on hold | here: money_on_hold_is_an_alert |
| and: receipts fail, 429, long texts, cabinet refunds | here: receipts_…, too_many_requests, refunds_made_in_the_cabinet |
"""

import asyncio
from base64 import b64encode
from typing import Any

import pytest
from sqlalchemy import update

from ai_chat.emulators.yookassa.cards import GOOD_CARD
from ai_chat.emulators.yookassa.paying import NO_AUTOPAY_BANK
from ai_chat.features.audit.models import AuditEntry
from ai_chat.features.billing.models import Grant, Order, Payment, Refund
from tests.api.helpers import assert_refused, captured_logs
from tests.backends import RULES_BACKENDS
from tests.billing.market import WEBHOOK, Market, administrator, healthy, sign_in, subscription, tier
from tests.product import Api


@pytest.fixture(params=RULES_BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def status(user: Api, order_id: str) -> str:
    await sign_in(user)
    return str((await user.get(f"/api/orders/{order_id}")).data["status"])


async def notify(market: Market, event: str, object_id: str) -> None:
    body = {"type": "notification", "event": event, "object": {"id": object_id}}
    assert (await market.product.anonymous.post(WEBHOOK, body)).status == 200
    await market.notified()


async def alerts(market: Market) -> list[str]:
    known = ("payment.mismatch", "payment.on_hold", "payment.unwanted", "refund.failed", "receipt.failed")
    return [entry.action for entry in await market.rows(AuditEntry) if entry.action in known]


async def refund(market: Market, admin: Api, payment: Payment, **body: Any) -> None:
    await sign_in(admin)
    answer = await admin.post(f"/api/admin/payments/{payment.id}/refund", {"reason": "Asked for it", **body})
    assert answer.status == 200, answer.text
    await market.notified()


async def test_an_old_notification_changes_nothing(market: Market) -> None:
    user = await market.product.user()
    order = await market.buy(user)
    (payment,) = await market.rows(Payment)
    for event in ("payment.canceled", "payment.waiting_for_capture", "payment.succeeded"):
        await notify(market, event, payment.provider_id)
    assert await status(user, order) == "paid"
    assert len(await market.rows(Grant)) == 1


async def test_a_renewal_announced_early_is_charged_once(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    market.shop.admin.hooks(before_answer=True, duplicate=2)
    await market.travel(days=31)
    assert [order.status for order in await market.renewals()] == ["paid"]
    assert len(await market.rows(Grant)) == 2
    assert await healthy(market) == []


async def test_the_return_page_finds_it_by_looking_though_nobody_tells_us(market: Market) -> None:
    market.shop.admin.hooks(drop=-1)
    user = await market.product.user()
    order, payment = await market.checkout(user)
    market.shop.admin.pay(payment)
    market.product.clock.travel(seconds=2)
    async with asyncio.timeout(20):
        while await status(user, order) == "pending":
            await asyncio.sleep(0.05)
    assert await tier(user) == "premium"


async def test_another_amount_goes_back_and_buys_nothing(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    order, payment = await market.checkout(user, saveMethod=True)
    market.shop.admin.payment(payment).amount = 99_001
    market.shop.admin.pay(payment)
    await market.notified()
    assert await tier(user) == "free"
    assert await status(user, order) == "pending"
    await market.travel(minutes=20)
    await market.travel(minutes=5)
    assert market.shop.admin.payment(payment).refunded == 99_001
    assert await status(user, order) == "canceled"
    assert await tier(user) == "free"
    assert await market.rows(Grant) == []
    await sign_in(admin)
    (shown,) = (await admin.get("/api/admin/payments?status=problem")).data
    assert (shown["problem"], shown["refunded"]) == ("amount 99001 instead of 99000", 990.01)
    assert "payment.mismatch" in [entry["action"] for entry in (await admin.get("/api/admin/condition")).data["alerts"]]
    assert await healthy(market) == []


async def test_what_was_a_mistake_of_the_providers_is_forgotten(market: Market) -> None:
    user = await market.product.user()
    order, payment = await market.checkout(user)
    market.shop.admin.fault("wrong_amount", times=2, method="GET", path="/payments/")
    market.shop.admin.pay(payment)
    await market.notified()
    await market.travel(minutes=3)
    await market.travel(minutes=3)
    assert await status(user, order) == "paid"
    (row,) = await market.rows(Payment)
    assert (row.problem, row.refund_held) == (None, 0)
    assert await healthy(market) == []


@pytest.mark.parametrize("fault", ["wrong_currency", "wrong_shop", "wrong_test"])
async def test_what_is_not_ours_buys_nothing_and_is_not_touched(market: Market, fault: str) -> None:
    user = await market.product.user()
    _, payment = await market.checkout(user)
    market.shop.admin.fault(fault, times=None, method="GET", path="*")
    market.shop.admin.pay(payment)
    await market.notified()
    await market.travel(minutes=30)
    assert await tier(user) == "free"
    assert await market.rows(Refund) == []
    assert "payment.mismatch" in await alerts(market)


async def test_the_order_is_the_deal_whatever_prices_do_meanwhile(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    order, payment = await market.checkout(user)
    await admin.put("/api/admin/prices", {"month": 5000, "year": 0, "trialDays": 0})
    assert (await market.checkout(user))[0] == order
    market.shop.admin.pay(payment)
    await market.notified()
    assert await status(user, order) == "paid"
    assert (await subscription(user))["price"] == 990


async def test_after_a_day_the_call_is_looked_up_and_not_made_again(market: Market) -> None:
    user = await market.product.user()
    market.shop.admin.fault("reset_after")
    market.shop.admin.fault("500_before", times=None)
    assert_refused(
        await user.post("/api/subscription/checkout", {"plan": "premium", "saveMethod": True}),
        503,
        "PAYMENTS_UNAVAILABLE",
    )
    (known,) = market.shop.admin.payments()
    market.shop.admin.pay(known.id)
    # Neither its notification nor the list can tell us for more than a day.
    market.shop.admin.hooks(drop=-1)
    market.shop.admin.fault("500_before", times=None, method="GET", path="*")
    await market.travel(hours=30)
    market.shop.admin.clear_faults()
    await market.travel(hours=3)
    assert [payment.id for payment in market.shop.admin.payments()] == [known.id]
    assert await tier(user) == "premium"
    assert await healthy(market) == []


async def test_a_key_that_belongs_to_another_text_is_looked_up_before_anything_else(market: Market) -> None:
    user = await market.product.user()
    market.shop.admin.fault("500_after")
    await user.post("/api/subscription/checkout", {"plan": "premium"})
    text = (await market.rows(Payment))[0].request
    changed = update(Payment).values(request=text.replace("Premium", "Premium!", 1))
    await market.product.database.write(lambda session: session.execute(changed))
    await market.travel(seconds=20)
    _, payment = await market.checkout(user)
    assert [known.id for known in market.shop.admin.payments()] == [payment]


async def test_an_hour_is_over_and_the_next_click_is_a_new_order(market: Market) -> None:
    user = await market.product.user()
    first, _ = await market.checkout(user)
    await market.travel(hours=2)
    assert await status(user, first) == "canceled"
    second, payment = await market.checkout(user)
    assert second != first
    market.shop.admin.pay(payment)
    await market.notified()
    assert await status(user, second) == "paid"


async def test_what_has_succeeded_stays_whatever_is_said_later(market: Market) -> None:
    user = await market.product.user()
    order = await market.buy(user)
    (payment,) = await market.rows(Payment)
    market.shop.admin.payment(payment.provider_id).status = "canceled"
    await notify(market, "payment.canceled", payment.provider_id)
    await market.travel(hours=1)
    assert await status(user, order) == "paid"
    assert await tier(user) == "premium"
    assert await healthy(market) == []


async def test_a_refund_that_takes_days_is_asked_about_until_it_is_there(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    await market.buy(user)
    (payment,) = await market.rows(Payment)
    market.shop.admin.habits(refund_seconds=3 * 86_400)
    market.shop.admin.hooks(drop=-1)
    await refund(market, admin, payment)
    assert await tier(user) == "premium"  # nothing has gone back yet
    again = await admin.post(f"/api/admin/payments/{payment.id}/refund", {"reason": "again"})
    assert_refused(again, 409, "REFUND_NOT_POSSIBLE")
    await market.travel(days=4)
    assert await tier(user) == "free"
    assert [row.status for row in await market.rows(Refund)] == ["succeeded"]
    assert await healthy(market) == []


async def test_a_refund_that_fails_leaves_premium_and_can_be_tried_again(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    await market.buy(user)
    (payment,) = await market.rows(Payment)
    market.shop.admin.habits(refund_reason="insufficient_funds")
    await refund(market, admin, payment, amount=500)
    await market.travel(minutes=1)
    assert [row.status for row in await market.rows(Refund)] == ["canceled"]
    assert "refund.failed" in await alerts(market)
    assert await tier(user) == "premium"
    market.shop.admin.habits(refund_reason=None)
    await refund(market, admin, payment)
    assert await tier(user) == "free"
    assert await healthy(market) == []


async def test_a_renewal_is_refunded_like_a_purchase(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    await market.buy(user)
    await market.travel(days=32)
    renewal = (await market.rows(Payment))[-1]
    await refund(market, admin, renewal)
    assert await tier(user) == "free"
    assert (await subscription(user))["status"] == "canceled"
    await market.travel(days=35)
    assert len(await market.renewals()) == 1
    assert await healthy(market) == []


async def test_a_refund_after_the_end_moves_only_money(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    await market.buy(user, save=False)
    await market.travel(days=35)
    assert await tier(user) == "free"
    (payment,) = await market.rows(Payment)
    await refund(market, admin, payment)
    assert await tier(user) == "free"
    assert (await market.rows(Payment))[0].refunded == 99_000
    assert await healthy(market) == []


@pytest.mark.parametrize("how", [{"save": False}, {"kind": "sbp", "save": True, "bank": NO_AUTOPAY_BANK}])
async def test_what_was_not_saved_is_not_charged_though_it_was_asked_for(market: Market, how: dict[str, Any]) -> None:
    user = await market.product.user()
    _, payment = await market.checkout(user, saveMethod=True)
    market.shop.admin.pay(payment, **how)
    await market.notified()
    assert (await subscription(user))["autoRenew"] is False
    await market.travel(days=35)
    assert len(market.shop.admin.payments()) == 1
    assert await tier(user) == "free"


async def test_a_removed_card_is_charged_no_more_and_what_is_paid_stays(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    assert (await user.delete("/api/subscription/payment-method")).data["paymentMethod"] is None
    assert await tier(user) == "premium"
    await market.travel(days=35)
    assert await market.renewals() == []
    assert await tier(user) == "free"


async def test_money_on_hold_is_an_alert_and_buys_nothing(market: Market) -> None:
    user = await market.product.user()
    _, payment = await market.checkout(user)
    (asked,) = market.shop.admin.requests("/payments", "POST")
    assert asked.body["capture"] is True  # type: ignore[index, call-overload]
    market.shop.admin.payment(payment).status = "waiting_for_capture"
    await notify(market, "payment.waiting_for_capture", payment)
    assert await alerts(market) == ["payment.on_hold"]
    assert await tier(user) == "free"


async def test_too_many_requests_are_waited_for(market: Market) -> None:
    user = await market.product.user()
    market.shop.admin.fault("429", times=3, retry_after=2000)
    await user.post("/api/subscription/checkout", {"plan": "premium"})
    for _ in range(4):
        await market.travel(minutes=1)
    _, payment = await market.checkout(user)
    market.shop.admin.pay(payment)
    await market.notified()
    assert await tier(user) == "premium"


async def test_refunds_made_in_the_cabinet_are_found_without_being_told(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user, period="year")
    await market.travel(days=60)
    market.shop.admin.hooks(drop=-1)
    (payment,) = await market.rows(Payment)
    made = market.shop.admin.refund(payment.provider_id)
    await market.travel(hours=30)
    assert [(row.provider_id, row.cause, row.status) for row in await market.rows(Refund)] == [
        (made.id, "provider", "succeeded")
    ]
    assert await tier(user) == "free"
    assert await healthy(market) == []


async def test_nobody_loses_premium_because_we_were_down_when_it_was_to_be_renewed(market: Market) -> None:
    people = [await market.product.user() for _ in range(3)]
    for user in people:
        await market.buy(user)
    renewals = market.billing.jobs._renewals
    market.shop.admin.advance(days=32)
    market.product.clock.travel(days=32)
    await renewals.end_expired()  # another worker may come to this before the charges are made
    assert {await tier(user) for user in people} == {"premium"}
    await market.travel(minutes=5)
    assert [order.status for order in await market.renewals()] == ["paid"] * 3
    assert {grant.revoked_at is None for grant in await market.rows(Grant) if grant.kind == "grace"} <= {False}
    assert await healthy(market) == []


async def test_an_account_that_is_gone_gets_its_late_money_back(market: Market) -> None:
    user = await market.product.user()
    _, payment = await market.checkout(user)
    gone = update(Order).values(user_id=None, open_for=None)
    await market.product.database.write(lambda session: session.execute(gone))
    market.shop.admin.pay(payment)
    await market.notified()
    await market.travel(minutes=1)
    assert market.shop.admin.payment(payment).refunded == 99_000
    assert await healthy(market) == []


async def test_a_cancellation_while_the_charge_is_being_made_waits_for_it(market: Market) -> None:
    user = await market.product.user()
    await market.buy(user)
    market.shop.admin.fault("slow_body", seconds=1)
    market.shop.admin.advance(days=29.5)
    market.product.clock.travel(days=29.5)
    await sign_in(user)
    charging = asyncio.create_task(market.billing.jobs.run_due())
    async with asyncio.timeout(20):
        while len(market.shop.admin.requests("/payments", "POST")) < 2:
            await asyncio.sleep(0.01)
    canceled = (await user.post("/api/subscription/cancel")).data
    await charging
    await market.notified()
    assert canceled["cancelAtPeriodEnd"] is True
    assert [order.status for order in await market.renewals()] == ["paid"]
    await market.travel(days=40)
    assert len(market.shop.admin.payments()) == 2
    assert await tier(user) == "free"
    assert await healthy(market) == []


async def test_neither_keys_nor_cards_nor_addresses_reach_the_log(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    with captured_logs() as logs:
        market.shop.admin.fault("500_after")
        await user.post("/api/subscription/checkout", {"plan": "premium", "saveMethod": True})
        await market.travel(seconds=20)
        await market.buy(user)
        market.shop.admin.fault("truncated", method="GET", path="*")
        await refund(market, admin, (await market.rows(Payment))[-1], amount=100)
        await market.travel(minutes=1)
    said = logs.getvalue()
    assert "YooKassa" in said
    basic = b64encode(f"{market.shop.shop_id}:{market.shop.secret_key}".encode()).decode()
    for secret in (market.shop.secret_key, basic, GOOD_CARD, str(user.user["email"]), str(admin.user["email"])):
        assert secret not in said
