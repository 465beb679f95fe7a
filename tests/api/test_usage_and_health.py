"""What is used of the plan's limits, and that the product is well."""

from datetime import timedelta

import pytest

from tests.api.helpers import moment, next_midnight, use_messages
from tests.conftest import BACKENDS
from tests.product import Product


async def test_a_new_user_has_used_nothing(product: Product) -> None:
    usage = (await (await product.user()).get("/api/usage")).data
    assert usage["plan"] == "free"
    assert (usage["messages"]["limit"], usage["messages"]["used"]) == (50, 0)
    assert moment(usage["messages"]["resetsAt"]) == next_midnight(product)
    assert (usage["chats"]["limit"], usage["chats"]["used"]) == (10, 0)
    assert usage["tokensPerMessage"] == 4000


async def test_premium_users_see_their_own_limits(product: Product) -> None:
    usage = (await (await product.user("premium")).get("/api/usage")).data
    assert usage["plan"] == "premium"
    assert (usage["messages"]["limit"], usage["chats"]["limit"], usage["tokensPerMessage"]) == (1000, 100, 32_000)


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_messages_and_chats_are_counted(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.new_chat()
    for content in ("One", "Two", "Three"):
        await user.send(chat, content)
    usage = (await user.get("/api/usage")).data
    assert (usage["messages"]["used"], usage["chats"]["used"]) == (3, 2)


async def test_chats_reset_an_hour_after_the_oldest(product: Product) -> None:
    user = await product.user()
    began = product.clock()
    await user.new_chat()
    product.clock.travel(minutes=30)
    await user.new_chat()
    resets = moment((await user.get("/api/usage")).data["chats"]["resetsAt"])
    assert abs(resets - began - timedelta(hours=1)) < timedelta(seconds=20)
    product.clock.travel(minutes=31)
    assert (await user.get("/api/usage")).data["chats"]["used"] == 1


async def test_after_a_downgrade_no_more_than_the_limit_is_shown_as_used(product: Product) -> None:
    user = await product.user()
    await use_messages(product, user, 300)
    messages = (await user.get("/api/usage")).data["messages"]
    assert (messages["limit"], messages["used"]) == (50, 50)


async def test_users_do_not_count_for_each_other(product: Product) -> None:
    anna, boris = await product.user(), await product.user()
    await anna.send(await anna.new_chat(), "Hello")
    assert (await boris.get("/api/usage")).data["messages"]["used"] == 0


async def test_health_is_the_plan_s_and_needs_no_token(product: Product) -> None:
    answer = await product.anonymous.get("/health")
    assert answer.status == 200
    assert set(answer.body) == {"status", "timestamp"}
    assert answer.body["status"] == "healthy"
    assert abs((moment(answer.body["timestamp"]) - product.clock()).total_seconds()) < 10
