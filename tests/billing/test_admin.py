"""What an administrator does from the pages: people, promo codes, prices, rates, letters; and what the figures say."""

from datetime import timedelta
from uuid import uuid4

import pytest

from ai_chat.features.audit.models import AuditEntry
from ai_chat.features.billing.models import Payment, Refund
from tests.api.helpers import assert_refused
from tests.billing.market import Market, administrator, healthy, sign_in, tier

pytestmark = pytest.mark.parametrize("backend", ["postgres"], indirect=True)


async def actions(market: Market) -> list[str]:
    return [entry.action for entry in await market.rows(AuditEntry)]


async def test_a_person_is_found_blocked_and_let_in_again(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user(email="Finder-Ж_%@example.com")
    await market.product.user()
    (found,) = (await admin.get("/api/admin/users?q=finder-ж_%25")).data
    path = f"/api/admin/users/{found['id']}"
    blocked = (await admin.put(f"{path}/block", {"blocked": True})).data
    assert blocked["blockedAt"] is not None
    assert [one["id"] for one in (await admin.get("/api/admin/users?only=blocked")).data] == [found["id"]]
    assert_refused(await user.get("/api/auth/me"), 401, "UNAUTHORIZED")
    await admin.put(f"{path}/block", {"blocked": False})
    assert await tier(user) == "free"
    me = (await admin.get("/api/auth/me")).data["id"]
    assert_refused(await admin.put(f"/api/admin/users/{me}/block", {"blocked": True}), 400, "VALIDATION_ERROR")
    assert (await actions(market))[-2:] == ["user.blocked", "user.unblocked"]


async def test_premium_that_is_given_ends_by_itself_or_is_taken_back_and_what_was_paid_stays(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    path = f"/api/admin/users/{user.user['id']}"
    given = (await admin.post(f"{path}/premium", {"days": 3, "reason": "An outage"})).data
    assert (given["subscriptionTier"], [grant["note"] for grant in given["grants"]]) == ("premium", ["An outage"])
    await market.travel(days=4)
    assert await tier(user) == "free"
    await sign_in(admin)
    await admin.post(f"{path}/premium", {"reason": "For ever"})
    await market.travel(days=20)
    assert await tier(user) == "premium"
    await sign_in(admin)
    assert (await admin.delete(f"{path}/premium")).data["subscriptionTier"] == "free"
    await market.buy(user)
    await admin.post(f"{path}/premium", {"days": 90, "reason": "On top"})
    assert (await admin.delete(f"{path}/premium")).data["subscriptionTier"] == "premium"
    assert await tier(user) == "premium"
    assert await healthy(market) == []


async def test_a_refund_that_is_clicked_twice_is_made_once(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    await market.buy(user)
    payment = (await market.rows(Payment))[0]
    body = {"amount": 100.01, "reason": "Once", "requestId": str(uuid4())}
    for _ in range(2):
        detail = (await admin.post(f"/api/admin/payments/{payment.id}/refund", body)).data
    await market.notified()
    assert [refund["amount"] for refund in detail["refunds"]] == [100.01]
    assert len(await market.rows(Refund)) == 1
    assert detail["refundable"] == 889.99
    assert detail["order"]["price"] == 990
    assert sum(line["amount"] for line in detail["ledger"]) == 0
    assert [attempt["status"] for attempt in detail["attempts"]] == ["succeeded"]


async def test_new_prices_are_for_new_orders_and_whoever_subscribes_keeps_theirs(market: Market) -> None:
    admin, early, late = await administrator(market), await market.product.user(), await market.product.user()
    await market.buy(early)
    changed = (await admin.put("/api/admin/prices", {"month": 1290, "year": 0, "trialDays": 0})).data
    assert (changed["now"]["month"], changed["file"]["month"]) == (1290, 990)
    premium = (await market.product.anonymous.get("/api/plans")).data[1]
    assert premium["prices"] == [{"period": "month", "price": 1290}]
    assert "1\u00a0290\u00a0₽" in (await market.product.anonymous.get("/pricing?lang=ru")).text
    order, _ = await market.checkout(late)
    assert (await late.get(f"/api/orders/{order}")).data["amount"] == 1290
    refused = await late.post("/api/subscription/checkout", {"plan": "premium", "period": "year"})
    assert_refused(refused, 400, "VALIDATION_ERROR")
    await market.travel(days=32)
    assert [order.amount for order in await market.renewals()] == [99_000]
    await sign_in(admin)
    assert (await admin.delete("/api/admin/prices")).data["now"] == {"month": 990, "year": 9900, "trialDays": 0}
    assert [found["month"] for found in (await admin.get("/api/admin/prices")).data["history"]] == [None, 1290]


async def test_promo_codes_are_made_counted_and_ended(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    body = {"code": " spring ", "percentOff": 33, "maxUses": 1}
    made = (await admin.post("/api/admin/promo-codes", body)).data
    assert made["code"] == "SPRING"
    assert_refused(await admin.post("/api/admin/promo-codes", body), 409, "PROMO_CODE_EXISTS")
    assert_refused(await admin.post("/api/admin/promo-codes", {"code": "none"}), 400, "VALIDATION_ERROR")
    order, _ = await market.checkout(user, promoCode="Spring")
    assert (await user.get(f"/api/orders/{order}")).data["amount"] == 663.3
    assert (await admin.get("/api/admin/promo-codes")).data[0]["used"] == 1
    await admin.post(f"/api/admin/promo-codes/{made['id']}/end")
    other = await market.product.user()
    refused = await other.post("/api/subscription/checkout", {"plan": "premium", "promoCode": "SPRING"})
    assert_refused(refused, 400, "PROMO_CODE_INVALID")
    assert_refused(await admin.post(f"/api/admin/promo-codes/{uuid4()}/end"), 404, "NOT_FOUND")


async def test_the_figures_count_money_people_costs_and_losses(market: Market) -> None:
    admin, buyer, free = await administrator(market), await market.product.user(), await market.product.user()
    assert (await admin.put("/api/admin/exchange-rate", {"rubPerUsd": 100})).data == {"rubPerUsd": 100}
    await market.buy(buyer)
    await free.send(await free.new_chat(), "Hello")
    await buyer.send(await buyer.new_chat(), "Hello")
    payment = (await market.rows(Payment))[0]
    await admin.post(f"/api/admin/payments/{payment.id}/refund", {"amount": 90, "reason": "A day was lost"})
    await market.notified()
    found = (await admin.get("/api/admin/dashboard?days=7")).data
    assert len(found["days"]) == 7
    today = found["days"][-1]
    assert (today["revenue"], today["refunds"], today["mrr"], today["subscribers"]) == (990, 90, 990, 1)
    assert (found["activeSubscribers"], found["newSubscribers"], found["users"]) == (1, 1, 3)
    assert found["conversion"] == round(1 / 3, 4)
    kept = round(990 - 90 - found["fees"], 2)
    assert {share["name"]: share["revenue"] for share in found["byPlan"]} == {"free": 0, "premium": kept}
    assert [share["revenue"] for share in found["byModel"]] == [kept]
    assert round(kept - found["upstreamCost"], 2) == found["grossMargin"]
    assert [share["id"] for share in found["lossMaking"]] == [free.user["id"]]
    assert {share["id"] for share in found["byUser"]} == {free.user["id"], buyer.user["id"]}
    await market.travel(days=40)
    await sign_in(admin)
    later = (await admin.get("/api/admin/dashboard?days=90")).data
    assert (later["activeSubscribers"], later["mrr"], later["revenue"]) == (1, 990, 1980)


async def test_churn_and_failed_renewals_are_counted(market: Market) -> None:
    admin, leaving, failing = await administrator(market), await market.product.user(), await market.product.user()
    await market.buy(leaving)
    await leaving.post("/api/subscription/cancel")
    await market.buy(failing)
    for one in market.shop.admin.methods():
        market.shop.admin.script(one.id, *["card_expired"] * 5)
    await market.travel(days=40)
    await sign_in(admin)
    found = (await admin.get("/api/admin/dashboard?days=90")).data
    assert (found["canceledSubscribers"], found["churn"], found["failedRenewals"]) == (2, 1.0, 1)
    assert (found["activeSubscribers"], found["mrr"]) == (0, 0)
    assert sum(day["failedRenewals"] for day in found["days"]) == 1


async def test_what_needs_a_look_and_every_letter_is_in_view(market: Market) -> None:
    admin, user = await administrator(market), await market.product.user()
    await market.buy(user)
    await market.notified()
    state = (await admin.get("/api/admin/condition")).data
    assert (state["complaints"], state["selling"], state["mailing"]) == ([], True, False)
    assert state["accounts"]["sales"] == -990
    assert round(sum(state["accounts"].values()), 2) == 0
    (mail,) = (await admin.get(f"/api/admin/mails?status=logged&q={user.user['email']}")).data
    assert "990" in mail["text"]
    opened = (await admin.get(f"/api/admin/audit?userId={user.user['id']}&q=order.")).data
    assert [entry["action"] for entry in opened] == ["order.opened"]


async def test_payments_are_filtered_by_state_kind_address_and_day(market: Market) -> None:
    admin, user, other = await administrator(market), await market.product.user(), await market.product.user()
    order = await market.buy(user)
    await market.checkout(other)

    async def found(query: str) -> int:
        return len((await admin.get(f"/api/admin/payments?{query}")).data)

    tomorrow = (market.product.clock() + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")
    assert [await found(query) for query in ("", "status=succeeded", "status=refunded", "kind=renewal")] == [2, 1, 0, 0]
    assert await found(f"q={user.user['email'][:20].upper()}") == 1
    assert await found(f"q={order}") == 1
    assert await found(f"since={tomorrow}") == 0
    csv = (await admin.get("/api/admin/payments.csv?status=succeeded")).text
    assert csv.count("\n") == 2
