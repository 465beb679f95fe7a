"""Fifty messages a day: never fifty-one, and none is lost for an answer that nobody saw."""

import asyncio
from datetime import UTC, timedelta

import pytest

from tests.api.helpers import (
    assert_limit,
    eventually,
    insert_chats,
    moment,
    next_midnight,
    use_messages,
    used_messages,
)
from tests.conftest import BACKENDS
from tests.product import Answer, Api, Product

SLOW = "/emulator text=count;tokens=1000;speed=50\nGo"


async def say(user: Api, chat: str, content: str = "Hello") -> Answer:
    """The whole answer as text, be it a stream or a refusal."""
    return await user.post(f"/api/chat/{chat}/message", {"content": content})


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_of_100_messages_at_the_same_instant_at_49_of_50_exactly_one_passes(product: Product) -> None:
    user = await product.user()
    chats = await insert_chats(product, user, 100)
    await use_messages(product, user, 49)
    answers = await asyncio.gather(*(say(user, chat) for chat in chats))
    assert sorted(answer.status for answer in answers) == [200] + [429] * 99
    for answer in answers:
        if answer.status == 429:
            assert_limit(answer, "MESSAGE_LIMIT_REACHED", limit=50, used=50)
    assert await used_messages(user) == 50
    assert len(product.emulator.admin.requests("/chat/completions")) == 1


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_of_20_messages_at_the_same_instant_in_one_chat_one_passes_and_counts(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    answers = await asyncio.gather(*(say(user, chat, "/emulator ttft_ms=700\nHello") for _ in range(20)))
    passed = sorted(answer.status for answer in answers)
    assert passed == [200] + [409] * 19
    assert await used_messages(user) == 1
    assert len(await user.messages(chat)) == 2


async def test_the_51st_message_is_refused_until_midnight_in_moscow(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await use_messages(product, user, 49)
    await user.send(chat, "The fiftieth")
    refused = await say(user, chat, "The fifty-first")
    resets = assert_limit(refused, "MESSAGE_LIMIT_REACHED", limit=50, used=50)
    midnight = next_midnight(product)
    assert resets == midnight
    assert abs(int(refused.headers["Retry-After"]) - (midnight - product.clock()).total_seconds()) < 5
    usage = (await user.get("/api/usage")).data["messages"]
    assert (usage["limit"], usage["used"], moment(usage["resetsAt"])) == (50, 50, midnight)


async def test_at_midnight_in_moscow_the_messages_are_back_and_not_a_second_before(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await use_messages(product, user, 50)
    midnight = next_midnight(product)
    product.clock.travel_to(midnight - timedelta(seconds=30))
    assert (await say(user, chat)).status == 429
    product.clock.travel_to(midnight + timedelta(seconds=1))
    assert (await user.get("/api/usage")).data["messages"]["used"] == 0
    assert (await user.send(chat, "A new day")).last["type"] == "done"
    assert await used_messages(user) == 1


async def test_midnight_is_moscow_s_and_not_greenwich_s(product: Product) -> None:
    user = await product.user()
    midnight = moment((await user.get("/api/usage")).data["messages"]["resetsAt"])
    assert (midnight.astimezone(UTC).hour, midnight.minute, midnight.second) == (21, 0, 0)


async def test_an_answer_that_ends_after_midnight_counts_for_the_day_it_was_asked(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, SLOW) as response:
        assert response.status == 200
        product.clock.travel_to(next_midnight(product) + timedelta(minutes=1))
        assert await used_messages(user) == 0
        await user.post(f"/api/chat/{chat}/stop")
        await response.read()
    assert await used_messages(user) == 0


@pytest.mark.parametrize(
    "fault",
    [
        "http500",
        "http429",
        "http402",
        "html502",
        "json_200",
        "reset_connect",
        "empty",
        "error_int;after=0",
        "eof;after=0",
    ],
)
async def test_a_message_whose_answer_failed_before_any_text_is_given_back(product: Product, fault: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, f"/emulator fault={fault}\nHello")
    assert stream.text == ""
    assert stream.last["type"] == "error"
    assert await used_messages(user) == 0
    question, answer = await user.messages(chat)
    assert (question["status"], answer["status"], answer["content"]) == ("complete", "failed", "")


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_at_the_limit_a_message_that_was_given_back_can_be_sent_again(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await use_messages(product, user, 49)
    assert (await user.send(chat, "/emulator fault=http500\nHello")).last["type"] == "error"
    assert (await user.send(chat, "Hello")).last["type"] == "done"
    assert (await say(user, chat)).status == 429


async def test_a_message_counts_when_some_text_was_shown_before_the_failure(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, "/emulator fault=error_int;after=5\nHello")
    assert stream.text
    assert stream.last["type"] == "error"
    assert await used_messages(user) == 1


@pytest.mark.parametrize("content", [SLOW, "/emulator ttft_ms=60000\nHello"], ids=["with text", "before any text"])
async def test_a_message_counts_when_its_person_stopped_it(product: Product, content: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, content) as response:
        await response.content.readuntil(b"\n\n")
        assert await used_messages(user) == 1  # while it runs
        assert (await user.post(f"/api/chat/{chat}/stop")).data == {"stopped": True}
        await response.read()
    assert await used_messages(user) == 1


async def test_deleting_a_chat_gives_no_message_back(product: Product) -> None:
    user = await product.user()
    chat, running = await user.new_chat(), await user.new_chat()
    await user.send(chat, "Hello")
    await user.delete(f"/api/chat/{chat}")
    async with user.open_message(running, SLOW) as response:
        await response.content.readuntil(b'"delta"')
        await user.delete(f"/api/chat/{running}")
        await response.read()
    assert await used_messages(user) == 2


async def test_a_message_counts_when_its_reader_has_left(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator speed=300\nHello") as response:
        await response.content.readuntil(b'"delta"')

    async def is_complete() -> bool:
        return bool((await user.messages(chat))[-1]["status"] == "complete")

    await eventually(is_complete)
    assert await used_messages(user) == 1


async def test_premium_users_have_a_thousand(product: Product) -> None:
    user = await product.user("premium")
    chat = await user.new_chat()
    await use_messages(product, user, 999)
    await user.send(chat, "The thousandth")
    assert_limit(await say(user, chat), "MESSAGE_LIMIT_REACHED", limit=1000, used=1000)
