"""Deleting a chat, and taking it back."""

import asyncio

import pytest

from tests.api.helpers import assert_refused
from tests.api.test_chats import purge
from tests.product import Product

both = pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)


@both
async def test_a_deleted_chat_comes_back_as_it_was(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "Hello")
    await user.patch(f"/api/chat/{chat}", {"pinned": True})
    before = (await user.get(f"/api/chat/{chat}")).data
    await user.delete(f"/api/chat/{chat}")
    for method, path, body in (
        ("GET", "", None), ("PATCH", "", {"title": "x"}), ("DELETE", "", None), ("GET", "/stream", None),
        ("POST", "/stop", None), ("POST", "/message", {"content": "x"}), ("GET", "/branches", None),
    ):  # fmt: skip
        assert_refused(await user.call(method, f"/api/chat/{chat}{path}", body), 404, "CHAT_NOT_FOUND")
    assert (await user.get("/api/chat")).data == (await user.get("/api/chat?pinned=true")).data == []
    restored = (await user.post(f"/api/chat/{chat}/restore")).data
    assert restored["id"] == chat
    assert (await user.get(f"/api/chat/{chat}")).data == before
    assert (await user.post(f"/api/chat/{chat}/restore")).data == restored, "twice is as good as once"


@both
async def test_what_was_purged_does_not_come_back(product: Product) -> None:
    user = await product.user()
    chat, other = await user.new_chat(), await user.new_chat()
    await user.delete(f"/api/chat/{chat}")
    await purge(product)
    assert_refused(await user.post(f"/api/chat/{chat}/restore"), 404, "CHAT_NOT_FOUND")
    assert [found["id"] for found in (await user.get("/api/chat")).data] == [other]


async def test_nothing_comes_back_after_its_time_even_if_no_job_has_come_round(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.delete(f"/api/chat/{chat}")
    product.clock.travel(minutes=5, seconds=1)
    assert_refused(await user.post(f"/api/chat/{chat}/restore"), 404, "CHAT_NOT_FOUND")


async def test_an_answer_that_was_being_written_stays_as_far_as_it_came(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator text=count;tokens=5000;speed=50\nGo") as response:
        await response.content.readuntil(b'"delta"')
        await user.delete(f"/api/chat/{chat}")
        await response.content.read()
    await product.emulator.admin.idle()
    await user.post(f"/api/chat/{chat}/restore")
    *_, answer = await user.messages(chat)
    assert answer["status"] == "stopped"
    assert answer["content"]


@both
async def test_purging_twice_at_once_and_restoring_meanwhile_is_decided_once(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "Hello")
    await user.delete(f"/api/chat/{chat}")
    restored, *_ = await asyncio.gather(user.post(f"/api/chat/{chat}/restore"), purge(product), purge(product))
    assert restored.status in (200, 404)
    assert (await user.get(f"/api/chat/{chat}")).status == restored.status
    if restored.status == 200:
        assert len(await user.messages(chat)) == 2
