"""What the product sends to its upstream with a message."""

from pathlib import Path
from typing import Any

import pytest

from ai_chat.emulators.openrouter import Emulator
from ai_chat.kernel.tokens import estimate_tokens
from tests.api.helpers import insert_branch, insert_chats, questions_upstream
from tests.product import MODEL, PREMIUM_MODEL, Api, Product, running_product


async def body_sent(product: Product, user: Api, chat: str, content: str = "The new question") -> dict[str, Any]:
    await user.send(chat, content)
    [request] = questions_upstream(product, content)
    assert isinstance(request.body, dict)
    return dict(request.body)


async def test_the_whole_of_a_short_conversation_is_sent_in_order(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first = await user.send(chat, "One")
    second = await user.send(chat, "Two")
    body = await body_sent(product, user, chat)
    assert body["messages"] == [
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": first.text},
        {"role": "user", "content": "Two"},
        {"role": "assistant", "content": second.text},
        {"role": "user", "content": "The new question"},
    ]


@pytest.mark.parametrize(("tier", "budget"), [("free", 16_000), ("premium", 128_000)])
@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_of_a_long_conversation_the_newest_that_fits_is_sent_and_the_system_prompt_always(
    product: Product, tier: str, budget: int
) -> None:
    user = await product.user(tier)
    [chat] = await insert_chats(product, user, 1, model="openai/gpt-5-nano")
    system = "Отвечай как пират. " * 20
    await user.patch(f"/api/chat/{chat}", {"systemPrompt": system})
    size = budget // 20
    texts = [f"Message {number} " + "word " * size for number in range(40)]
    await insert_branch(product, chat, texts)
    first, *history, last = (await body_sent(product, user, chat))["messages"]
    assert first == {"role": "system", "content": system}
    assert last == {"role": "user", "content": "The new question"}
    sent = [message["content"] for message in history]
    assert sent == texts[-len(sent) :]
    used = sum(map(estimate_tokens, [system, *sent, "The new question"]))
    assert used <= budget
    assert used + estimate_tokens(texts[-len(sent) - 1]) > budget - 100


async def test_in_a_conversation_of_many_exchanges_the_new_question_is_sent(product: Product) -> None:
    user = await product.user()
    [chat] = await insert_chats(product, user, 1)
    texts = [f"Message {number}" for number in range(130)]
    await insert_branch(product, chat, texts)
    messages = (await body_sent(product, user, chat))["messages"]
    assert [message["content"] for message in messages] == [*texts, "The new question"]


async def test_an_answer_that_failed_without_text_is_not_sent(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    product.emulator.admin.fault("http400")
    await user.send(chat, "One")
    messages = (await body_sent(product, user, chat))["messages"]
    assert all(message["content"] for message in messages)
    assert messages[-1] == {"role": "user", "content": "The new question"}


async def test_what_was_received_before_a_failure_is_sent_on(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    failed = await user.send(chat, "/emulator fault=error_int;after=5\nOne")
    messages = (await body_sent(product, user, chat))["messages"]
    assert {"role": "assistant", "content": failed.text} in messages


@pytest.mark.parametrize(
    ("tier", "model", "expected"),
    [
        ("free", MODEL, 4000),
        ("premium", MODEL, 16_384),
        ("premium", PREMIUM_MODEL, 16_384),
        ("premium", "openai/gpt-5.4", 32_000),
    ],
)
async def test_the_answer_is_limited_by_the_plan_and_by_the_model(
    product: Product, tier: str, model: str, expected: int
) -> None:
    user = await product.user(tier)
    chat = await user.new_chat(model)
    assert (await body_sent(product, user, chat))["max_tokens"] == expected


async def test_the_chat_s_temperature_and_model_are_sent_and_usage_is_asked_for(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    before = await body_sent(product, user, chat, "Before")
    assert (before["temperature"], before["model"]) == (0.7, MODEL)
    await user.patch(f"/api/chat/{chat}", {"temperature": 1.5, "model": "openai/gpt-5-nano"})
    after = await body_sent(product, user, chat, "After")
    assert (after["temperature"], after["model"]) == (1.5, "openai/gpt-5-nano")
    assert after["stream"] is True
    assert after["stream_options"] == {"include_usage": True}


async def test_a_retired_model_is_asked_under_its_successor_s_name(product: Product) -> None:
    user = await product.user()
    served_by = {model["id"]: model["servedBy"] for model in (await user.get("/api/models")).data}
    retired = "google/gemini-flash-1.5"
    assert served_by[retired]
    chat = await user.new_chat(retired)
    assert (await body_sent(product, user, chat))["model"] == served_by[retired]
    assert (await user.messages(chat))[-1]["model"] == retired


async def test_the_person_is_sent_as_a_pseudonym(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "Hello")
    [request] = questions_upstream(product, "Hello")
    assert user.user["email"] not in str(request)
    assert request.headers["authorization"] == f"Bearer {product.emulator.api_key}"
    assert user.token is not None
    assert user.token not in str(request)


@pytest.mark.parametrize("brand", ["Chat & Friends", "Ромашка", "Чат 🌼 One", "Naïve\u200bChat", "  "])
async def test_the_product_names_itself_upstream_whatever_its_brand_is_called(
    tmp_path: Path, emulator: Emulator, brand: str
) -> None:
    async with running_product(
        data_dir=tmp_path, emulator=emulator, brand_name=brand, web_url="https://chat.example.com"
    ) as product:
        user = await product.user()
        chat = await user.new_chat()
        assert (await user.send(chat, "Hello")).last["type"] == "done"
        [request] = questions_upstream(product, "Hello")
        assert request.headers["http-referer"] == "https://chat.example.com"
        assert request.headers["x-openrouter-title"].isascii()
        assert request.headers["x-openrouter-title"].strip()


@pytest.mark.parametrize(
    "content",
    [
        "👩‍👩‍👧‍👦🏳️‍🌈🇷🇺",
        "مرحبا \u202eabc\u202c بالعالم",
        "Cafe\u0301 Å \ufeff\u200b",
        "слово" * 2000,
        "a\r\nb\tc\u2028d\x1b[31m",
        "  blanks  \n",
    ],
    ids=["zwj", "rtl", "combining", "one long word", "control", "blanks"],
)
@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_any_text_is_stored_sent_and_returned_as_it_is(product: Product, content: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.patch(f"/api/chat/{chat}", {"systemPrompt": content[:1000]})
    body = await body_sent(product, user, chat, content)
    assert [message["content"] for message in body["messages"]] == [content[:1000], content]
    assert (await user.messages(chat))[0]["content"] == content


async def test_a_message_of_100_000_characters_is_sent_whole(product: Product) -> None:
    user = await product.user("premium")
    chat = await user.new_chat()
    content = "letters " * 12_500
    assert len(content) == 100_000
    body = await body_sent(product, user, chat, content)
    assert body["messages"][-1]["content"] == content
    assert (await user.messages(chat))[0]["content"] == content
