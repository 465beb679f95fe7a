"""A repeated `clientMessageId` never sends or counts twice: it attaches to the answer it started."""

import asyncio
from uuid import uuid4

import pytest

from tests.api.helpers import assert_refused, questions_upstream, use_messages, used_messages
from tests.conftest import BACKENDS
from tests.product import Api, Product, read_stream

SLOW = "/emulator text=count;tokens=60;speed=200\nGo"


async def assert_sent_once(product: Product, user: Api, chat: str, content: str) -> None:
    assert len(questions_upstream(product, content)) == 1
    assert len(await user.messages(chat)) == 2
    assert await used_messages(user) == 1


async def test_a_repeat_while_the_answer_is_running_gets_the_whole_of_it(product: Product) -> None:
    user, own_id = await product.user(), str(uuid4())
    chat = await user.new_chat()
    async with user.open_message(chat, SLOW, clientMessageId=own_id) as response:
        await response.content.readuntil(b'"delta"')
        second = await user.send(chat, SLOW, clientMessageId=own_id)
    second.check_order()
    assert second.last["type"] == "done"
    assert (await user.messages(chat))[-1]["content"] == second.text
    await assert_sent_once(product, user, chat, SLOW)


async def test_a_repeat_after_the_end_gets_the_same_frames(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first = await user.send(chat, "Привет", clientMessageId="one")
    second = await user.send(chat, "Привет", clientMessageId="one")
    assert second.events == first.events
    await assert_sent_once(product, user, chat, "Привет")


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_a_repeat_long_after_the_end_gets_the_stored_answer(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first = await user.send(chat, "Hello", clientMessageId="one")
    product.relay._finished.clear()  # as after the time of retention, or a restart
    second = await user.send(chat, "Hello", clientMessageId="one")
    second.check_order()
    assert (second.start, second.text, second.last) == (first.start, first.text, first.last)
    await assert_sent_once(product, user, chat, "Hello")


async def test_a_repeat_of_a_failed_message_gets_its_failure_also_long_after(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    content = "/emulator fault=error_int;after=5\nHello"
    first = await user.send(chat, content, clientMessageId="one")
    second = await user.send(chat, content, clientMessageId="one")
    product.relay._finished.clear()
    third = await user.send(chat, content, clientMessageId="one")
    assert first.last["type"] == second.last["type"] == third.last["type"] == "error"
    assert first.text == second.text == third.text != ""
    assert first.last["error"]["code"] == third.last["error"]["code"]
    await assert_sent_once(product, user, chat, content)


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_20_repeats_at_the_same_moment_send_and_count_once(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    streams = await asyncio.gather(*(user.send(chat, SLOW, clientMessageId="one") for _ in range(20)))
    stored = (await user.messages(chat))[-1]["content"]
    for stream in streams:
        stream.check_order()
        assert stream.start == streams[0].start
        assert stream.last["type"] == "done", stream.last
        assert stream.text == stored
    await assert_sent_once(product, user, chat, SLOW)


async def test_a_repeat_is_answered_also_when_no_message_is_left(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first = await user.send(chat, "Hello", clientMessageId="one")
    await use_messages(product, user, 50)
    assert (await user.send(chat, "Hello", clientMessageId="one")).text == first.text
    other = await user.post(f"/api/chat/{chat}/message", {"content": "Hello", "clientMessageId": "two"})
    assert_refused(other, 429, "MESSAGE_LIMIT_REACHED")


async def test_another_chat_may_use_the_same_id(product: Product) -> None:
    user = await product.user()
    one, two = await user.new_chat(), await user.new_chat()
    first = await user.send(one, "Hello", clientMessageId="same")
    second = await user.send(two, "Hello", clientMessageId="same")
    assert first.start["generationId"] != second.start["generationId"]
    assert await used_messages(user) == 2


@pytest.mark.parametrize("own_id", ["", "x" * 101, 5, True, ["x"], "a\x00b"])
async def test_an_id_that_is_no_text_of_1_to_100_characters_is_refused(product: Product, own_id: object) -> None:
    user = await product.user()
    chat = await user.new_chat()
    body = {"content": "Hello", "clientMessageId": own_id}
    assert_refused(await user.post(f"/api/chat/{chat}/message", body), 400, "VALIDATION_ERROR")
    assert await user.messages(chat) == []


async def test_a_reader_that_left_at_once_can_come_back_by_repeating(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, SLOW, clientMessageId="one") as response:
        await read_stream(response, frames=1)
    again = await user.send(chat, SLOW, clientMessageId="one")
    assert again.last["type"] == "done"
    await assert_sent_once(product, user, chat, SLOW)
