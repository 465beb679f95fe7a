"""Sending a message: the stream, what is stored, what it costs, what happens when it goes wrong."""

import pytest

from tests.conftest import BACKENDS
from tests.product import MODEL, Product, read_stream


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_an_answer_streams_in_and_is_stored_byte_for_byte(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, "/emulator text=emoji\nПривет!")
    stream.check_order()
    assert stream.start["type"] == "start"
    assert stream.start["model"] == MODEL
    assert stream.last["type"] == "done"
    assert stream.last["done"] is True
    assert stream.last["finishReason"] == "stop"
    assert stream.last["tokensUsed"] > 0
    question, answer = await user.messages(chat)
    assert question["content"] == "/emulator text=emoji\nПривет!"
    assert answer["content"] == stream.text
    assert (answer["status"], answer["tokensUsed"]) == ("complete", stream.last["tokensUsed"])
    assert float(answer["cost"]) > 0
    assert answer["id"] == stream.start["messageId"]
    assert question["id"] == stream.start["userMessageId"]


async def test_the_answer_is_finished_and_saved_when_the_reader_leaves(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator speed=200\nTell me") as response:
        first = await read_stream(response, frames=2)
    rest = await user.follow(chat, f"?after={first.frames[-1].seq}")
    assert rest is not None
    rest.check_order(after=2)
    _, answer = await user.messages(chat)
    assert answer["content"] == first.text + rest.text
    assert answer["status"] == "complete"
