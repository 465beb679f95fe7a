"""The tree of a conversation: other answers, edited messages, and moving between the branches."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.helpers import assert_refused, insert_branch, questions_upstream, use_messages, used_messages
from tests.conftest import BACKENDS
from tests.product import MODEL, PREMIUM_MODEL, Product, read_stream

OTHER_MODEL = "openai/gpt-5-nano"
SLOW = "/emulator text=count;tokens=3000;speed=100\nGo"


def contents(messages: list[dict[str, Any]]) -> list[str]:
    return [message["content"] for message in messages]


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_another_answer_is_a_sibling_of_the_first_and_counts_as_a_message(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first = await user.send(chat, "Привет")
    answer = first.start["messageId"]
    second = await user.turn(f"{chat}/messages/{answer}/regenerate", {"model": OTHER_MODEL})
    second.check_order()
    assert second.start["userMessageId"] == first.start["userMessageId"]
    assert second.start["model"] == OTHER_MODEL
    question, shown = await user.messages(chat)
    assert (shown["content"], shown["model"], shown["status"]) == (second.text, OTHER_MODEL, "complete")
    assert shown["siblingIds"] == [answer, second.start["messageId"]]
    assert question["siblingIds"] == [question["id"]]
    assert await used_messages(user) == 2
    old = (await user.get(f"/api/chat/{chat}/messages/{answer}")).data
    assert (old["content"], old["siblingIds"]) == (first.text, shown["siblingIds"])


async def test_without_a_model_the_one_that_answered_answers_again(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(OTHER_MODEL)
    first = await user.send(chat, "Hello")
    await user.patch(f"/api/chat/{chat}", {"model": MODEL})
    again = await user.turn(f"{chat}/messages/{first.start['messageId']}/regenerate")
    assert again.start["model"] == OTHER_MODEL
    by_question = await user.turn(f"{chat}/messages/{first.start['userMessageId']}/regenerate")
    assert by_question.start["model"] == MODEL


async def test_an_early_answer_is_written_again_without_what_was_said_later(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first = await user.send(chat, "One")
    await user.send(chat, "Two")
    await user.turn(f"{chat}/messages/{first.start['messageId']}/regenerate")
    for request in questions_upstream(product, "One"):
        assert isinstance(request.body, dict)
        assert request.body["messages"] == [{"role": "user", "content": "One"}]
    assert len(questions_upstream(product, "One")) == 2
    assert len(await user.messages(chat)) == 2


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_an_edited_message_starts_a_branch_beside_the_old_one(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    root = await user.send(chat, "One")
    old = await user.send(chat, "Two")
    new = await user.turn(f"{chat}/messages/{old.start['userMessageId']}/edit", {"content": "Zwei"})
    messages = await user.messages(chat)
    assert contents(messages) == ["One", root.text, "Zwei", new.text]
    assert messages[2]["siblingIds"] == [old.start["userMessageId"], new.start["userMessageId"]]
    assert messages[3]["siblingIds"] == [messages[3]["id"]]
    [request] = questions_upstream(product, "Zwei")
    assert isinstance(request.body, dict)
    sent: Any = request.body["messages"]
    assert contents(sent) == ["One", root.text, "Zwei"]


async def test_the_first_message_can_be_edited_too(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first = await user.send(chat, "One")
    new = await user.turn(f"{chat}/messages/{first.start['userMessageId']}/edit", {"content": "Eins"})
    messages = await user.messages(chat)
    assert contents(messages) == ["Eins", new.text]
    assert messages[0]["parentId"] is None
    assert messages[0]["siblingIds"] == [first.start["userMessageId"], messages[0]["id"]]


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_branches_are_listed_and_chosen(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    root = await user.send(chat, "One")
    old = await user.send(chat, "Two")
    new = await user.turn(f"{chat}/messages/{old.start['userMessageId']}/edit", {"content": "Zwei"})
    listed = (await user.get(f"/api/chat/{chat}/branches")).data
    assert [branch["leafId"] for branch in listed] == [new.start["messageId"], old.start["messageId"]]
    assert [branch["active"] for branch in listed] == [True, False]
    assert [branch["preview"] for branch in listed] == ["Zwei", "Two"]
    assert {branch["forkId"] for branch in listed} == {root.start["messageId"]}
    assert {branch["model"] for branch in listed} == {MODEL}
    chosen = (await user.put(f"/api/chat/{chat}/branch", {"messageId": old.start["userMessageId"]})).data
    assert contents(chosen["messages"]) == ["One", root.text, "Two", old.text]
    assert await user.messages(chat) == chosen["messages"]
    again = (await user.put(f"/api/chat/{chat}/branch", {"messageId": root.start["messageId"]})).data
    assert contents(again["messages"])[2] == "Zwei"  # the newest of both


async def test_after_a_change_of_branch_the_conversation_goes_on_there(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    old = await user.send(chat, "One")
    await user.turn(f"{chat}/messages/{old.start['userMessageId']}/edit", {"content": "Eins"})
    await user.put(f"/api/chat/{chat}/branch", {"messageId": old.start["messageId"]})
    await user.send(chat, "And now?")
    [request] = questions_upstream(product, "And now?")
    assert isinstance(request.body, dict)
    sent: Any = request.body["messages"]
    assert contents(sent) == ["One", old.text, "And now?"]


@pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)
async def test_a_repeated_request_attaches_and_counts_once(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first = await user.send(chat, "Hello", clientMessageId="a")
    ways = {
        f"messages/{first.start['messageId']}/regenerate": {},
        f"messages/{first.start['userMessageId']}/edit": {"content": "Hello again"},
    }
    for number, (way, body) in enumerate(ways.items()):
        named = {**body, "clientMessageId": f"b{number}"}
        one = await user.turn(f"{chat}/{way}", named)
        two = await user.turn(f"{chat}/{way}", named)
        product.relay._finished.clear()
        three = await user.turn(f"{chat}/{way}", named)
        assert one.start == two.start == three.start
        assert one.text == two.text == three.text
    assert await used_messages(user) == 3


async def test_refusals_come_in_the_contract_s_order(product: Product) -> None:
    user, stranger = await product.user(), await product.user()
    chat, other = await user.new_chat(), await user.new_chat()
    answer = (await user.send(chat, "Hello")).start["messageId"]
    path = f"/api/chat/{chat}/messages/{answer}"
    broken = {"content": "", "model": 5, "clientMessageId": ""}
    for way in ("regenerate", "edit", "continue"):
        assert_refused(await stranger.post(f"{path}/{way}", broken), 404, "CHAT_NOT_FOUND")
        for wrong in (f"{other}/messages/{answer}", f"{chat}/messages/{uuid4()}", f"{chat}/messages/x"):
            assert_refused(await user.post(f"/api/chat/{wrong}/{way}", broken), 404, "MESSAGE_NOT_FOUND")
        assert_refused(await user.post(f"{path}/{way}", broken), 400, "VALIDATION_ERROR")
    assert_refused(await user.post(f"{path}/edit", {"content": "x"}), 400, "VALIDATION_ERROR")
    assert_refused(await user.post(f"{path}/continue"), 400, "VALIDATION_ERROR")
    assert_refused(await user.post(f"{path}/regenerate", {"model": "no/such"}), 404, "MODEL_NOT_FOUND")
    async with user.open_message(chat, SLOW) as response:
        await read_stream(response, frames=2)
        refused = await user.post(f"{path}/regenerate", {"model": PREMIUM_MODEL})
        assert_refused(refused, 403, "MODEL_NOT_IN_PLAN")
        await use_messages(product, user, 50)
        assert_refused(await user.post(f"{path}/regenerate"), 409, "GENERATION_IN_PROGRESS")
        await user.post(f"/api/chat/{chat}/stop")
        await response.read()
    await use_messages(product, user, 50)
    assert_refused(await user.post(f"{path}/regenerate"), 429, "MESSAGE_LIMIT_REACHED")


async def test_a_message_of_another_chat_is_not_found_anywhere(product: Product) -> None:
    user, stranger = await product.user(), await product.user()
    chat, theirs = await user.new_chat(), await stranger.new_chat()
    message = (await stranger.send(theirs, "Secret")).start["messageId"]
    assert_refused(await user.get(f"/api/chat/{chat}/messages/{message}"), 404, "MESSAGE_NOT_FOUND")
    assert_refused(await user.put(f"/api/chat/{chat}/branch", {"messageId": message}), 404, "MESSAGE_NOT_FOUND")
    assert_refused(await user.put(f"/api/chat/{chat}/branch", {"messageId": "x"}), 404, "MESSAGE_NOT_FOUND")


async def test_an_imported_answer_without_a_question_is_refused_and_an_unknown_model_does_not_matter(
    product: Product,
) -> None:
    user = await product.user()
    chat = await user.new_chat()
    ids = await insert_branch(product, chat, ["One", "Two"])
    assert (await user.turn(f"{chat}/messages/{ids[1]}/regenerate")).last["type"] == "done"
