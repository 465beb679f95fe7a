"""Going on with an answer that was stopped, cut at the limit, or broken off."""

from typing import Any

import pytest

from ai_chat.features.chats.continuing import INSTRUCTION
from tests.api.helpers import assert_refused, used_messages
from tests.conftest import BACKENDS
from tests.product import Api, Product, read_stream

COUNTING = "/emulator text=count;tokens=400;speed=200\nGo"
COMPLETES = "meta-llama/llama-3.1-8b-instruct"


async def stopped_answer(user: Api, chat: str) -> dict[str, Any]:
    async with user.open_message(chat, COUNTING) as response:
        await read_stream(response, frames=6)
        await user.post(f"/api/chat/{chat}/stop")
        await response.read()
    return (await user.messages(chat))[-1]


def last_request(product: Product) -> list[dict[str, str]]:
    body: Any = product.emulator.admin.requests("/chat/completions")[-1].body
    return list(body["messages"])


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_the_rest_is_a_message_that_follows_and_is_sent_as_one_with_it(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    part = await stopped_answer(user, chat)
    rest = await user.turn(f"{chat}/messages/{part['id']}/continue", {"clientMessageId": "c"})
    rest.check_order()
    question, first, second = await user.messages(chat)
    assert (first["id"], first["content"], first["status"]) == (part["id"], part["content"], "stopped")
    assert (second["parentId"], second["content"], second["role"]) == (part["id"], rest.text, "assistant")
    assert rest.start["userMessageId"] == question["id"]
    assert await used_messages(user) == 2
    assert last_request(product)[-2:] == [
        {"role": "assistant", "content": part["content"]},
        {"role": "user", "content": INSTRUCTION},
    ]
    assert (await user.turn(f"{chat}/messages/{part['id']}/continue", {"clientMessageId": "c"})).text == rest.text
    await user.send(chat, "And now?")
    assert last_request(product) == [
        {"role": "user", "content": COUNTING},
        {"role": "assistant", "content": part["content"] + rest.text},
        {"role": "user", "content": "And now?"},
    ]
    assert await used_messages(user) == 3


async def test_a_model_that_completes_its_own_words_is_given_them_last(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(COMPLETES)
    part = await stopped_answer(user, chat)
    rest = await user.turn(f"{chat}/messages/{part['id']}/continue")
    assert rest.last["type"] == "done"
    assert last_request(product)[-1] == {"role": "assistant", "content": part["content"]}


async def test_a_model_that_refuses_its_own_words_is_asked_in_words(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(COMPLETES)
    part = await stopped_answer(user, chat)
    product.emulator.admin.fault("fault=http400")
    rest = await user.turn(f"{chat}/messages/{part['id']}/continue")
    assert rest.last["type"] == "done"
    assert last_request(product)[-1] == {"role": "user", "content": INSTRUCTION}
    assert await used_messages(user) == 2


async def test_an_answer_that_reached_the_limit_or_failed_can_be_continued(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    for content in ("/emulator text=count;tokens=5000\nGo", "/emulator fault=reset;after=9\nGo"):
        cut = await user.send(chat, content)
        rest = await user.turn(f"{chat}/messages/{cut.start['messageId']}/continue")
        assert rest.text


async def test_what_is_complete_or_empty_cannot_be_continued(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    whole = await user.send(chat, "Hello")
    empty = await user.send(chat, "/emulator fault=http500\nHello")
    for message in (whole.start["messageId"], whole.start["userMessageId"], empty.start["messageId"]):
        assert_refused(await user.post(f"/api/chat/{chat}/messages/{message}/continue"), 400, "VALIDATION_ERROR")


async def test_a_rest_that_was_stopped_before_its_first_word_is_tried_again(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    part = await stopped_answer(user, chat)
    product.emulator.admin.knobs("ttft_ms=60000")
    last = part["id"]
    for _ in range(2):
        path = f"{user.url}/api/chat/{chat}/messages/{last}/continue"
        async with user.session.post(path, headers=user.headers()) as response:
            last = (await read_stream(response, frames=1)).start["messageId"]
            await user.post(f"/api/chat/{chat}/stop")
            await response.read()
    empty = (await user.messages(chat))[-1]
    assert (empty["id"], empty["content"], empty["status"], empty["parentId"]) == (last, "", "stopped", part["id"])
    product.emulator.admin.knobs("ttft_ms=0")
    rest = await user.turn(f"{chat}/messages/{last}/continue")
    assert rest.last["type"] == "done"
    question, first, second = await user.messages(chat)
    assert (first["id"], second["parentId"], second["content"]) == (part["id"], part["id"], rest.text)
    assert rest.start["userMessageId"] == question["id"]
    assert last_request(product)[-2] == {"role": "assistant", "content": part["content"]}


async def test_an_answer_that_is_being_written_is_not_continued(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, COUNTING) as response:
        answer = (await read_stream(response, frames=2)).start["messageId"]
        refused = await user.post(f"/api/chat/{chat}/messages/{answer}/continue")
        assert_refused(refused, 409, "GENERATION_IN_PROGRESS")
        await user.post(f"/api/chat/{chat}/stop")
        await response.read()


async def test_writing_a_continued_answer_again_answers_the_question_again(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    part = await stopped_answer(user, chat)
    rest = await user.turn(f"{chat}/messages/{part['id']}/continue")
    product.emulator.admin.knobs("text=default")
    again = await user.turn(f"{chat}/messages/{rest.start['messageId']}/regenerate")
    assert again.start["userMessageId"] == rest.start["userMessageId"]
    assert last_request(product)[-1] == {"role": "user", "content": COUNTING}
