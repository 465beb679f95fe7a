"""Chats that their person gave no name are named by a cheap model after the first answer, and nobody waits for it."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.usage.models import UsageEntry
from tests.api.helpers import eventually, used_messages
from tests.product import Api, Product, read_stream, running_product

CHEAP = "meta-llama/llama-3.1-8b-instruct"


async def title_of(user: Api, chat: str) -> str:
    return str((await user.get(f"/api/chat/{chat}")).data["title"])


async def becomes(user: Api, chat: str, title: str) -> None:
    async def named() -> bool:
        return await title_of(user, chat) == title

    await eventually(named)


async def nothing_is_named() -> bool:
    return not any(task.get_name().startswith("naming-") for task in asyncio.all_tasks())


def asked(product: Product) -> list[Any]:
    """The requests for titles."""
    bodies: list[Any] = [request.body for request in product.emulator.admin.requests("/chat/completions")]
    return [body for body in bodies if body["messages"][0]["content"].startswith("You name conversations")]


@pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)
async def test_the_cheapest_model_names_a_chat_at_the_operator_s_cost(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(title=None)
    product.emulator.admin.fault('script="Столица%20Франции."', model=CHEAP)
    stream = await user.send(chat, "Какой город столица Франции?")
    assert {"type": "title", "title": "Какой город столица Франции?"} in stream.events
    await becomes(user, chat, "Столица Франции")
    assert [body["model"] for body in asked(product)] == [CHEAP]
    assert await used_messages(user) == 1
    entries = await product.database.read(lambda session: session.scalars(select(UsageEntry)).all())
    [entry] = [entry for entry in entries if entry.state == "operator"]
    assert entry.model == CHEAP
    assert entry.cost_usd is not None
    assert entry.cost_usd > Decimal(0)
    await user.send(chat, "А Италии?")
    assert len(asked(product)) == 1


async def test_a_name_that_the_person_gave_stays(product: Product) -> None:
    user = await product.user()
    named = await user.new_chat(title="Mine")
    await user.send(named, "Hello")
    renamed = await user.new_chat(title=None)
    product.emulator.admin.fault("script=Theirs;ttft_ms=400", model=CHEAP)
    await user.send(renamed, "Hello")
    await user.patch(f"/api/chat/{renamed}", {"title": "Mine too"})

    async def was_asked() -> bool:
        return len(asked(product)) == 1

    await eventually(was_asked)
    await product.emulator.admin.idle()
    assert [await title_of(user, named), await title_of(user, renamed)] == ["Mine", "Mine too"]


async def test_where_naming_fails_the_first_message_s_name_stays(product: Product) -> None:
    user = await product.user()
    for fault in ("fault=http500", "fault=empty", "script=...", "fault=reset;after=1"):
        chat = await user.new_chat(title=None)
        product.emulator.admin.fault(fault, model=CHEAP, times=None)
        assert (await user.send(chat, "Hello")).last["type"] == "done"
        await eventually(nothing_is_named)
        assert await title_of(user, chat) == "Hello"
        product.emulator.admin.clear_faults()
    assert len(asked(product)) >= 4


async def test_a_failed_answer_names_nothing_yet(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(title=None)
    failed = await user.send(chat, "/emulator fault=http500\nHello")
    assert asked(product) == []
    product.emulator.admin.fault("script=Hello%20there", model=CHEAP)
    product.emulator.admin.knobs("fault=none")
    await user.turn(f"{chat}/messages/{failed.start['userMessageId']}/edit", {"content": "Hello"})
    await becomes(user, chat, "Hello there")


async def test_it_can_be_switched_off(tmp_path: Path, emulator: Emulator) -> None:
    async with running_product(data_dir=tmp_path / "data", emulator=emulator, title_model="off") as product:
        user = await product.user()
        chat = await user.new_chat(title=None)
        await user.send(chat, "Hello")
        await product.emulator.admin.idle()
        assert asked(product) == []
        assert await title_of(user, chat) == "Hello"
        async with user.open_message(chat, "Again") as response:
            await read_stream(response)
