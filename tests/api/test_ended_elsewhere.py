"""An answer that another worker has ended, while nobody could be told, does not run on for nothing."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import delete

from ai_chat.features.chats.models import Chat, Generation, Message
from tests.product import Product, read_stream

pytestmark = pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)


async def test_an_answer_whose_chat_was_deleted_elsewhere_is_broken_off_and_its_message_counts(
    product: Product,
) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator text=long;speed=20\nGo on") as response:
        await read_stream(response, frames=3)
        where = UUID(chat)

        def work(session: object) -> None:
            for table in (Generation, Message):
                session.execute(delete(table).where(table.chat_id == where))  # type: ignore[attr-defined]
            session.execute(delete(Chat).where(Chat.id == where))  # type: ignore[attr-defined]

        await product.database.write(work)
        async with asyncio.timeout(10):
            rest = await read_stream(response)
    assert rest.last["error"]["code"] == "INTERRUPTED"
    assert (await user.get("/api/usage")).data["messages"]["used"] == 1
