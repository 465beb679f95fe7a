"""Compare: two or three models answer one message, each in a generation of its own."""

import asyncio

import pytest

from tests.api.helpers import assert_limit, assert_refused, eventually, use_messages, used_messages
from tests.conftest import BACKENDS
from tests.product import MODEL, PREMIUM_MODEL, Product, read_stream

OTHER, THIRD = "openai/gpt-5-nano", "meta-llama/llama-3.1-8b-instruct"
SLOW = "/emulator text=count;tokens=3000;speed=100\nGo"


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_each_model_answers_under_the_same_message_and_counts(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first = await user.send(chat, "Привет", models=[MODEL, OTHER, THIRD], clientMessageId="a")
    siblings = first.start["siblings"]
    assert [sibling["model"] for sibling in siblings] == [MODEL, OTHER, THIRD]
    assert siblings[0]["generationId"] == first.start["generationId"]
    streams = await asyncio.gather(
        *(user.follow(chat, f"?generationId={sibling['generationId']}") for sibling in siblings)
    )
    for stream, sibling in zip(streams, siblings, strict=True):
        assert stream is not None
        stream.check_order()
        assert stream.last["type"] == "done"
        assert (stream.start["messageId"], stream.start["siblings"]) == (sibling["messageId"], siblings)
        stored = (await user.get(f"/api/chat/{chat}/messages/{sibling['messageId']}")).data
        assert (stored["content"], stored["model"]) == (stream.text, sibling["model"])
        assert stored["siblingIds"] == [other["messageId"] for other in siblings]
        assert stored["parentId"] == first.start["userMessageId"]
    assert await used_messages(user) == 3
    product.relay._finished.clear()
    again = await user.send(chat, "Привет", models=[MODEL, OTHER, THIRD], clientMessageId="a")
    assert (again.start, again.text) == (first.start, first.text)
    assert await used_messages(user) == 3
    await user.put(f"/api/chat/{chat}/branch", {"messageId": siblings[1]["messageId"]})
    assert (await user.messages(chat))[-1]["id"] == siblings[1]["messageId"]


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_all_are_sent_or_none(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await use_messages(product, user, 49)
    path = f"/api/chat/{chat}/message"
    refused = await user.post(path, {"content": "Hello", "models": [MODEL, OTHER]})
    assert_limit(refused, "MESSAGE_LIMIT_REACHED", limit=50, used=49)
    premium = await user.post(path, {"content": "Hello", "models": [MODEL, PREMIUM_MODEL]})
    assert_refused(premium, 403, "MODEL_NOT_IN_PLAN")
    unknown = await user.post(path, {"content": "Hello", "models": [MODEL, "no/such"]})
    assert_refused(unknown, 404, "MODEL_NOT_FOUND")
    for models in ([], [MODEL], [MODEL, MODEL], [MODEL, OTHER, THIRD, "d"], "x", [1, 2], [MODEL, ""]):
        assert_refused(await user.post(path, {"content": "Hello", "models": models}), 400, "VALIDATION_ERROR")
    assert await user.messages(chat) == []
    assert await used_messages(user) == 49
    assert (await user.send(chat, "Hello")).last["type"] == "done"


async def test_ten_comparisons_at_once_never_pass_the_limit(product: Product) -> None:
    user = await product.user()
    chats = [await user.new_chat() for _ in range(5)]
    await use_messages(product, user, 45)
    answers = await asyncio.gather(
        *(user.post(f"/api/chat/{chat}/message", {"content": "Hi", "models": [MODEL, OTHER]}) for chat in chats)
    )
    assert sorted(answer.status for answer in answers) == [200, 200, 429, 429, 429]
    assert await used_messages(user) == 49


@pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)
async def test_one_is_stopped_alone_or_all_together(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, SLOW, models=[MODEL, OTHER, THIRD]) as response:
        siblings = (await read_stream(response, frames=2)).start["siblings"]
        active = (await user.get(f"/api/chat/{chat}")).data
        assert active["activeGenerations"] == siblings
        assert active["activeGenerationId"] == siblings[0]["generationId"]
        assert (await user.get("/api/chat")).data[0]["activeGenerations"] == siblings
        refused = await user.post(f"/api/chat/{chat}/message", {"content": "Hello"})
        assert_refused(refused, 409, "GENERATION_IN_PROGRESS")
        one = siblings[1]["generationId"]
        assert (await user.post(f"/api/chat/{chat}/stop?generationId={one}")).data == {"stopped": True}

        async def two_are_left() -> bool:
            active = (await user.get(f"/api/chat/{chat}")).data
            return len(active["activeGenerations"]) == 2

        await eventually(two_are_left)
        assert (await user.post(f"/api/chat/{chat}/stop?generationId={one}")).data == {"stopped": False}
        assert (await user.post(f"/api/chat/{chat}/stop?generationId=x")).data == {"stopped": False}
        assert (await user.post(f"/api/chat/{chat}/stop")).data == {"stopped": True}
        end = await read_stream(response)
    assert end.last["finishReason"] == "stopped"
    await product.emulator.admin.idle()

    async def none_is_left() -> bool:
        active = (await user.get(f"/api/chat/{chat}")).data
        return len(active["activeGenerations"]) == 0

    await eventually(none_is_left)
    assert await used_messages(user) == 3


async def test_one_failure_leaves_the_others_alone_and_is_given_back(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    product.emulator.admin.fault("fault=http500", times=None, model=OTHER)
    first = await user.send(chat, "Hello", models=[MODEL, OTHER])
    second = await user.follow(chat, f"?generationId={first.start['siblings'][1]['generationId']}")
    assert second is not None
    assert (first.last["type"], second.last["type"]) == ("done", "error")
    assert await used_messages(user) == 1


async def test_deleting_the_chat_stops_all(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, SLOW, models=[MODEL, OTHER]) as response:
        await read_stream(response, frames=2)
        await user.delete(f"/api/chat/{chat}")
        await response.read()
    await product.emulator.admin.idle()

    async def nothing_runs() -> bool:
        return len(product.relay) == 0

    await eventually(nothing_runs)
    assert await used_messages(user) == 2
