"""What refuses a message before the first byte of an answer, and in which order."""

import json
from uuid import UUID

import pytest
from sqlalchemy import update

from ai_chat.features.catalog.service import Catalog
from ai_chat.features.chats.models import Chat
from tests.api.helpers import assert_limit, assert_refused, eventually, insert_chats, use_messages, used_messages
from tests.product import MODEL, PREMIUM_MODEL, Answer, Api, Product

RETIRED_FREE, RETIRED_PREMIUM = "openai/gpt-5-nano", "x-ai/grok-4.3"
SLOW = "/emulator text=count;tokens=1000;speed=50\nGo"


async def say(user: Api, chat: str, content: object = "Hello") -> Answer:
    return await user.post(f"/api/chat/{chat}/message", {"content": content})


async def set_model(product: Product, chat: str, model: str) -> None:
    change = update(Chat).where(Chat.id == UUID(chat)).values(model=model)
    await product.database.write(lambda session: session.execute(change))


async def test_the_checks_come_in_the_contract_s_order(product: Product) -> None:
    user, stranger = await product.user(), await product.user()
    chat = await user.new_chat()
    for model in (RETIRED_FREE, RETIRED_PREMIUM):
        product.emulator.admin.remove_model(model)
    await product.app.state.parts[Catalog].refresh()
    async with user.open_message(chat, SLOW) as running:
        assert running.status == 200
        await use_messages(product, user, 49)
        await set_model(product, chat, RETIRED_PREMIUM)
        # Everything is wrong at once; each refusal is mended in turn.
        assert_refused(await say(stranger, chat, 5), 404, "CHAT_NOT_FOUND")
        assert_refused(await say(user, chat, 5), 400, "VALIDATION_ERROR")
        assert_refused(await say(user, chat, "word " * 4001), 400, "MESSAGE_TOO_LONG")
        assert_refused(await say(user, chat), 403, "MODEL_NOT_IN_PLAN")
        await set_model(product, chat, RETIRED_FREE)
        assert_refused(await say(user, chat), 503, "MODEL_UNAVAILABLE")
        await set_model(product, chat, MODEL)
        assert_refused(await say(user, chat), 409, "GENERATION_IN_PROGRESS")
        await user.post(f"/api/chat/{chat}/stop")
        await running.read()
    assert_limit(await say(user, chat), "MESSAGE_LIMIT_REACHED", limit=50, used=50)


async def test_a_refused_message_is_neither_stored_nor_counted_nor_sent(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    for content in ("", "   ", 5, None, ["x"], {"a": 1}, "word " * 4001, "\x00", "a\x00b"):
        assert (await say(user, chat, content)).status == 400
    assert (await user.post(f"/api/chat/{chat}/message", {})).status == 400
    assert await user.messages(chat) == []
    assert await used_messages(user) == 0
    assert product.emulator.admin.requests("/chat/completions") == []


@pytest.mark.parametrize(("tier", "limit"), [("free", 4000), ("premium", 32_000)])
async def test_a_message_may_have_as_many_tokens_as_the_plan_says_and_not_one_more(
    product: Product, tier: str, limit: int
) -> None:
    user = await product.user(tier)
    chat = await user.new_chat()
    error = assert_refused(await say(user, chat, "word " * (limit + 1)), 400, "MESSAGE_TOO_LONG")
    assert str(limit) in error["message"]
    stream = await user.send(chat, "word " * limit)
    assert stream.last["type"] == "done"


async def test_words_without_blanks_are_counted_as_well(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    assert_refused(await say(user, chat, "ы" * 100_000), 400, "MESSAGE_TOO_LONG")


async def test_a_message_must_fit_the_model_s_window(product: Product) -> None:
    user = await product.user("premium")
    [chat] = await insert_chats(product, user, 1, model="openai/gpt-3.5-turbo")
    models = {model["id"]: model for model in (await user.get("/api/models")).data}
    if models["openai/gpt-3.5-turbo"]["contextLength"] > 32_000:
        pytest.skip("no model of the emulator has a window smaller than the plan's limit")
    assert_refused(await say(user, chat, "word " * 17_000), 400, "MESSAGE_TOO_LONG")


async def test_a_chat_with_a_premium_model_of_a_user_who_is_free_again_says_so(product: Product) -> None:
    user = await product.user()
    [chat] = await insert_chats(product, user, 1)
    await set_model(product, chat, PREMIUM_MODEL)
    assert_refused(await say(user, chat), 403, "MODEL_NOT_IN_PLAN")


async def test_a_model_that_left_the_catalogue_is_unavailable_and_the_refusal_names_others(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(RETIRED_FREE)
    product.emulator.admin.remove_model(RETIRED_FREE)
    await product.app.state.parts[Catalog].refresh()
    error = assert_refused(await say(user, chat), 503, "MODEL_UNAVAILABLE")
    working = [model["id"] for model in (await user.get("/api/models")).data if model["available"]]
    assert any(model in error["message"] for model in working)
    assert await used_messages(user) == 0


async def test_a_second_message_waits_for_the_first_answer(product: Product) -> None:
    user = await product.user()
    chat, other = await user.new_chat(), await user.new_chat()
    async with user.open_message(chat, SLOW) as running:
        assert running.status == 200
        assert_refused(await say(user, chat), 409, "GENERATION_IN_PROGRESS")
        assert (await user.send(other, "Hello")).last["type"] == "done"
        await user.post(f"/api/chat/{chat}/stop")
        await running.read()
    assert (await user.send(chat, "Now")).last["type"] == "done"


async def test_the_chat_says_which_answer_is_running(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, SLOW) as running:
        line = (await running.content.readuntil(b"\n\n")).partition(b"data: ")[2]
        generation = json.loads(line)["generationId"]
        assert (await user.get(f"/api/chat/{chat}")).data["activeGenerationId"] == generation
        assert (await user.get("/api/chat")).data[0]["activeGenerationId"] == generation
        assert (await user.messages(chat))[-1]["status"] == "generating"
        await user.post(f"/api/chat/{chat}/stop")
        await running.read()

    async def is_over() -> bool:
        return (await user.get(f"/api/chat/{chat}")).data["activeGenerationId"] is None

    await eventually(is_over)
