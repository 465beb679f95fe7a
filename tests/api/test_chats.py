"""Creating, changing and deleting chats."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from ai_chat.features.chats.deleting import UNDO, Deleting
from ai_chat.features.chats.models import Generation, Message
from ai_chat.storage.tables import Base
from tests.api.helpers import assert_refused, insert_branch, insert_chats, moment
from tests.conftest import BACKENDS
from tests.product import MODEL, PREMIUM_MODEL, Api, Product

FIELDS = {"id", "userId", "title", "model", "systemPrompt", "temperature", "createdAt", "updatedAt"}


async def count_rows(product: Product, table: type[Base]) -> int:
    counted = select(func.count()).select_from(table)
    return await product.database.read(lambda session: session.execute(counted).scalar_one())


async def purge(product: Product) -> None:
    """As if the time for undoing had passed, and the job had come round."""
    product.clock.travel(seconds=UNDO.total_seconds() + 1)
    await product.app.state.parts[Deleting].purge_due()


async def get(user: Api, chat: str) -> dict[str, object]:
    return dict((await user.get(f"/api/chat/{chat}")).data)


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_a_new_chat_has_the_contract_s_fields_and_defaults(product: Product) -> None:
    user = await product.user()
    chat = (await user.post("/api/chat", {"title": "Test Chat", "model": "openai/gpt-3.5-turbo"})).data
    assert set(chat) >= FIELDS
    assert str(UUID(chat["id"])) == chat["id"]
    assert (chat["userId"], chat["title"], chat["model"]) == (user.user["id"], "Test Chat", "openai/gpt-3.5-turbo")
    assert chat["systemPrompt"] is None
    assert chat["temperature"] == 0.7
    assert moment(chat["createdAt"]) == moment(chat["updatedAt"])
    assert (await user.get("/api/chat")).data == [chat]
    assert await get(user, chat["id"]) == {**chat, "messages": [], "messagesCursor": None, "messagesAfter": None}


@pytest.mark.parametrize("body", [{"model": MODEL}, {"model": MODEL, "title": None}])
async def test_a_chat_without_a_title_gets_one(product: Product, body: dict[str, object]) -> None:
    user = await product.user()
    title = (await user.post("/api/chat", body)).data["title"]
    assert 1 <= len(title) <= 255


@pytest.mark.parametrize(
    "title", ["x", "x" * 255, "я" * 255, "👩‍👩‍👧‍👦" * 36, "مرحبا بالعالم", "Cafe\u0301 " + "w" * 200]
)
async def test_a_title_of_1_to_255_characters_is_kept_as_it_is(product: Product, title: str) -> None:
    user = await product.user()
    assert len(title) <= 255
    chat = (await user.post("/api/chat", {"title": title, "model": MODEL})).data
    assert chat["title"] == title
    assert (await get(user, chat["id"]))["title"] == title


@pytest.mark.parametrize("title", ["", "   ", "\n\t", "x" * 256, "я" * 10_000, 5, True, ["x"], {"a": 1}])
async def test_any_other_title_is_refused_and_nothing_is_stored(product: Product, title: object) -> None:
    user = await product.user()
    error = assert_refused(await user.post("/api/chat", {"title": title, "model": MODEL}), 400, "VALIDATION_ERROR")
    assert error["fields"][0]["field"] == "title"
    assert (await user.get("/api/chat")).data == []
    chat = await user.new_chat()
    assert_refused(await user.patch(f"/api/chat/{chat}", {"title": title}), 400, "VALIDATION_ERROR")
    assert (await get(user, chat))["title"] == "Test"


async def test_an_unknown_model_is_not_found(product: Product) -> None:
    user = await product.user()
    assert_refused(await user.post("/api/chat", {"model": "openai/gpt-99"}), 404, "MODEL_NOT_FOUND")
    chat = await user.new_chat()
    assert_refused(await user.patch(f"/api/chat/{chat}", {"model": "openai/gpt-99"}), 404, "MODEL_NOT_FOUND")
    assert (await get(user, chat))["model"] == MODEL


async def test_a_premium_model_is_for_premium_users(product: Product) -> None:
    free, premium = await product.user(), await product.user("premium")
    assert_refused(await free.post("/api/chat", {"model": PREMIUM_MODEL}), 403, "MODEL_NOT_IN_PLAN")
    chat = await free.new_chat()
    assert_refused(await free.patch(f"/api/chat/{chat}", {"model": PREMIUM_MODEL}), 403, "MODEL_NOT_IN_PLAN")
    assert (await premium.post("/api/chat", {"model": PREMIUM_MODEL})).data["model"] == PREMIUM_MODEL


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Новое имя"),
        ("model", "openai/gpt-5-nano"),
        ("systemPrompt", "Отвечай коротко. 👍"),
        ("temperature", 0),
        ("temperature", 1.5),
        ("temperature", 2),
    ],
)
async def test_each_field_changes_alone(product: Product, field: str, value: object) -> None:
    user = await product.user()
    chat = await user.new_chat()
    before = await get(user, chat)
    answered = (await user.patch(f"/api/chat/{chat}", {field: value})).data
    after = await get(user, chat)
    assert answered[field] == after[field] == value
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {field, "updatedAt"}


async def test_all_fields_change_together_and_unknown_ones_are_ignored(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    wanted = {"title": "New", "model": "openai/gpt-5-nano", "systemPrompt": "Be brief.", "temperature": 1}
    answered = (await user.patch(f"/api/chat/{chat}", {**wanted, "userId": str(uuid4()), "nonsense": 1})).data
    assert {name: answered[name] for name in wanted} == wanted
    assert answered["userId"] == user.user["id"]


async def test_a_system_prompt_of_null_removes_it(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.patch(f"/api/chat/{chat}", {"systemPrompt": "Be brief."})
    assert (await user.patch(f"/api/chat/{chat}", {"title": "Other"})).data["systemPrompt"] == "Be brief."
    assert (await user.patch(f"/api/chat/{chat}", {"systemPrompt": None})).data["systemPrompt"] is None
    assert (await get(user, chat))["systemPrompt"] is None


@pytest.mark.parametrize("field", ["title", "model", "temperature"])
async def test_null_is_refused_for_what_a_chat_must_have(product: Product, field: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    assert_refused(await user.patch(f"/api/chat/{chat}", {field: None}), 400, "VALIDATION_ERROR")


async def test_a_change_of_nothing_changes_nothing(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    before = await get(user, chat)
    assert (await user.patch(f"/api/chat/{chat}", {})).status == 200
    assert await get(user, chat) == before


async def test_deleting_answers_the_id_and_the_chat_is_gone(product: Product) -> None:
    user = await product.user()
    chat, other = await user.new_chat(), await user.new_chat()
    assert (await user.delete(f"/api/chat/{chat}")).data == {"id": chat}
    assert_refused(await user.get(f"/api/chat/{chat}"), 404, "CHAT_NOT_FOUND")
    assert_refused(await user.delete(f"/api/chat/{chat}"), 404, "CHAT_NOT_FOUND")
    assert [found["id"] for found in (await user.get("/api/chat")).data] == [other]


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_messages_and_generations_go_with_their_chat(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "Hello")
    await user.delete(f"/api/chat/{chat}")
    await purge(product)
    for table in (Message, Generation):
        assert await count_rows(product, table) == 0


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_a_chat_of_2000_messages_can_be_deleted(product: Product) -> None:
    user = await product.user()
    [chat] = await insert_chats(product, user, 1)
    await insert_branch(product, chat, [f"Message {number}" for number in range(2000)])
    assert (await user.delete(f"/api/chat/{chat}")).data == {"id": chat}
    await purge(product)
    assert await count_rows(product, Message) == 0


async def test_deleting_a_chat_stops_its_answer_and_the_upstream_stops_working(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator text=count;tokens=5000;speed=50\nGo") as response:
        assert response.status == 200
        await response.content.readuntil(b"delta")
        await user.delete(f"/api/chat/{chat}")
        await response.content.read()
    await product.emulator.admin.idle()
    assert len(product.relay) == 0
