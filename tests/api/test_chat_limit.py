"""New chats an hour: ten, in any hour, also when they are asked for all at once."""

import asyncio
from datetime import timedelta

import pytest

from tests.api.helpers import assert_limit
from tests.conftest import BACKENDS
from tests.product import MODEL, Answer, Api, Product


async def create(user: Api) -> Answer:
    return await user.post("/api/chat", {"model": MODEL})


async def create_ten(user: Api) -> None:
    for _ in range(10):
        assert (await create(user)).status == 200


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_of_eleven_new_chats_at_the_same_moment_ten_are_created(product: Product) -> None:
    user = await product.user()
    answers = await asyncio.gather(*(create(user) for _ in range(11)))
    assert sorted(answer.status for answer in answers) == [200] * 10 + [429]
    [refused] = [answer for answer in answers if answer.status == 429]
    assert_limit(refused, "CHAT_LIMIT_REACHED", limit=10, used=10)
    assert len((await user.get("/api/chat")).data) == 10


async def test_a_refusal_says_when_the_oldest_chat_is_an_hour_old(product: Product) -> None:
    user = await product.user()
    began = product.clock()
    await create(user)
    product.clock.travel(minutes=20)
    for _ in range(9):
        await create(user)
    refused = await create(user)
    resets = assert_limit(refused, "CHAT_LIMIT_REACHED", limit=10, used=10)
    assert abs(resets - began - timedelta(hours=1)) < timedelta(seconds=30)
    assert abs(int(refused.headers["Retry-After"]) - 40 * 60) < 30


async def test_the_hour_slides(product: Product) -> None:
    user = await product.user()
    for _ in range(5):
        await create(user)
    product.clock.travel(minutes=40)
    for _ in range(5):
        await create(user)
    assert (await create(user)).status == 429
    product.clock.travel(minutes=21)
    assert [(await create(user)).status for _ in range(6)] == [200] * 5 + [429]


async def test_after_61_minutes_all_ten_are_back(product: Product) -> None:
    user = await product.user()
    await create_ten(user)
    assert (await create(user)).status == 429
    product.clock.travel(minutes=61)
    await create_ten(user)
    assert (await create(user)).status == 429


async def test_deleting_a_chat_gives_nothing_back(product: Product) -> None:
    user = await product.user()
    await create_ten(user)
    for chat in (await user.get("/api/chat")).data:
        await user.delete(f"/api/chat/{chat['id']}")
    assert_limit(await create(user), "CHAT_LIMIT_REACHED", limit=10, used=10)


async def test_a_refused_chat_does_not_count(product: Product) -> None:
    user = await product.user()
    for body in ({"model": "openai/gpt-99"}, {"model": "openai/gpt-4o"}, {"title": "x" * 256, "model": MODEL}):
        assert (await user.post("/api/chat", body)).status in (400, 403, 404)
    await create_ten(user)


async def test_premium_users_have_a_hundred_and_nobody_else_s_count(product: Product) -> None:
    free, premium = await product.user(), await product.user("premium")
    await create_ten(free)
    statuses = [answer.status for answer in await asyncio.gather(*(create(premium) for _ in range(101)))]
    assert sorted(statuses) == [200] * 100 + [429]
