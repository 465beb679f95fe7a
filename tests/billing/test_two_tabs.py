"""Two different orders, both paid: whichever comes first is honoured, and the other's money goes back by itself."""

import pytest

from ai_chat.features.billing.models import Order
from tests.billing.market import Market, tier


@pytest.mark.parametrize("first", [0, 1])
async def test_the_second_of_two_paid_orders_is_returned_and_says_so(market: Market, first: int) -> None:
    user = await market.product.user()
    month, monthly = await market.checkout(user)
    year, yearly = await market.checkout(user, period="year")
    orders, payments = [month, year], [monthly, yearly]
    for at in (first, 1 - first):
        market.shop.admin.pay(payments[at])
        await market.notified()
    kept, returned = [(await user.get(f"/api/orders/{orders[at]}")).data for at in (first, 1 - first)]
    assert (kept["status"], kept["refunded"]) == ("paid", 0)
    assert (returned["status"], returned["refunded"]) == ("canceled", returned["amount"])
    assert await tier(user) == "premium"
    assert [order.status for order in await market.rows(Order)].count("paid") == 1
