"""What a page shows before anything is bought: the same terms as the order's, and nothing taken or opened."""

from datetime import datetime, timedelta

from ai_chat.commands import money
from ai_chat.features.billing.models import Order, PromoCode
from ai_chat.features.usage.plans import DEFAULT_PLANS
from tests.api.helpers import assert_refused
from tests.billing.market import Market


async def test_a_preview_has_the_order_s_terms_and_opens_nothing(market: Market) -> None:
    await money.add_promo(
        market.product.database, "half", percent=50, roubles=0, days=3, uses=1, period="month", until=None
    )
    user = await market.product.user()
    wish = {"period": "month", "promoCode": " half ", "saveMethod": True}
    seen = (await user.post("/api/subscription/preview", wish)).data
    assert (seen["price"], seen["discount"], seen["amount"], seen["freeDays"]) == (990, 495, 495, 3)
    until = datetime.fromisoformat(seen["premiumUntil"])
    assert until - market.product.clock() > timedelta(days=28 + 3 - 1)
    assert await market.rows(Order) == []
    assert [code.used for code in await market.rows(PromoCode)] == [0]
    order_id = await market.buy(user, period="month", promoCode="HALF")
    assert (await user.get(f"/api/orders/{order_id}")).data["amount"] == 495
    assert_refused(await user.post("/api/subscription/preview", wish), 409, "ALREADY_SUBSCRIBED")


async def test_the_code_of_ones_own_open_order_is_still_good(market: Market) -> None:
    await money.add_promo(
        market.product.database, "one", percent=10, roubles=0, days=0, uses=1, period=None, until=None
    )
    user, other = await market.product.user(), await market.product.user()
    await market.checkout(user, promoCode="ONE")
    assert (await user.post("/api/subscription/preview", {"period": "year", "promoCode": "one"})).data["amount"] == 8910
    again = (
        await user.post("/api/subscription/checkout", {"plan": "premium", "period": "year", "promoCode": "one"})
    ).data
    assert (await user.get(f"/api/orders/{again['orderId']}")).data["amount"] == 8910
    assert_refused(await other.post("/api/subscription/preview", {"promoCode": "one"}), 400, "PROMO_CODE_INVALID")


async def test_a_change_to_the_year_is_previewed_and_one_to_the_month_costs_nothing_now(market: Market) -> None:
    user = await market.product.user()
    assert_refused(
        await user.post("/api/subscription/period/preview", {"period": "year"}), 404, "SUBSCRIPTION_NOT_FOUND"
    )
    await market.buy(user)
    seen = (await user.post("/api/subscription/period/preview", {"period": "year"})).data
    assert 980 <= seen["credit"] <= 990
    assert seen["amount"] == round(9900 - seen["credit"], 2)
    assert (await user.post("/api/subscription/period/preview", {"period": "month"})).data is None
    assert len(await market.rows(Order)) == 1


async def test_plans_say_whether_they_can_be_bought(market: Market) -> None:
    plans = {plan["id"]: plan for plan in (await market.product.anonymous.get("/api/plans")).data}
    assert (plans["free"]["onSale"], plans["premium"]["onSale"]) == (False, True)
    assert plans["premium"]["price"] == DEFAULT_PLANS["premium"].price_rub
