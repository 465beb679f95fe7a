"""Deleting one's own account: with the password, at once, whatever is open."""

import asyncio

import pytest

from ai_chat.features.accounts.models import User
from ai_chat.features.chats.models import Chat, Message
from tests.api.helpers import assert_refused
from tests.conftest import BACKENDS
from tests.contracts.database_rows import count
from tests.product import PASSWORD, Product, read_stream


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_an_account_goes_with_all_that_is_open(product: Product) -> None:
    user, other = await product.user(), await product.user()
    chat, kept = await user.new_chat(), await other.new_chat()
    await other.send(kept, "Hello")
    assert_refused(await user.delete("/api/auth/me", json={"password": "wrong"}), 400, "WRONG_PASSWORD")
    async with (
        user.session.get(f"{user.url}/api/events", headers=user.headers()) as live,
        user.open_message(chat, "/emulator text=long;chars=100000;speed=50") as stream,
    ):
        await live.content.readuntil(b"\n\n")
        await read_stream(stream, frames=3)
        assert (await user.delete("/api/auth/me", json={"password": PASSWORD})).data == {"deleted": True}
        async with asyncio.timeout(10):
            await read_stream(stream)
            assert b"session.ended" in await live.content.read()
    assert (await user.get("/api/auth/me")).status in (401, 404)
    login = await product.anonymous.post("/api/auth/login", {"email": user.user["email"], "password": PASSWORD})
    assert_refused(login, 401, "INVALID_CREDENTIALS")
    left = [await count(product.database, table) for table in (User, Chat, Message)]
    assert left == [1, 1, 2], "the other person's is still there"
    assert len(product.relay) == 0
    again = await product.anonymous.post("/api/auth/register", {"email": user.user["email"], "password": PASSWORD})
    assert again.status == 200, "the address is free again"
