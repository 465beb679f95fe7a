"""PostgreSQL crashes and comes back while an answer is being written: the answer goes on, people are told to try again, nothing is
lost and nothing has to be restarted.
"""

import asyncio
from pathlib import Path

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.api.helpers import assert_refused, used_messages
from tests.product import migrated_template, read_stream, running_product
from tests.services.postgres import PostgresServer

SOON = 30.0
COUNTING = "/emulator text=count;tokens=200;speed=100\nGo"


async def test_an_answer_goes_on_without_it_and_is_saved_when_it_is_back(tmp_path: Path, emulator: Emulator) -> None:
    with PostgresServer(durable=True) as server:
        if not server.managed:
            pytest.skip("a PostgreSQL that is not ours is not killed")
        url = await asyncio.to_thread(server.create_database, await asyncio.to_thread(migrated_template, server))
        async with running_product(data_dir=tmp_path, emulator=emulator, database_url=url) as product:
            user = await product.user()
            chat, other = await user.new_chat(), await user.new_chat()
            async with asyncio.timeout(SOON * 2), user.open_message(chat, COUNTING) as response:
                begun = await read_stream(response, frames=10)
                await asyncio.to_thread(server.kill)
                without = await read_stream(response, frames=30)
                assert without.text
                refused = await user.post(f"/api/chat/{other}/message", {"content": "Hello", "clientMessageId": "a"})
                assert_refused(refused, 503, "SERVICE_UNAVAILABLE")
                assert int(refused.headers["Retry-After"]) > 0
                await asyncio.to_thread(server.start)
                rest = await read_stream(response)
            assert rest.last["type"] == "done"
            [_, answer] = await user.messages(chat)
            assert answer["status"] == "complete"
            assert answer["content"] == begun.text + without.text + rest.text
            assert await used_messages(user) == 1
            again = await user.send(other, "Hello", clientMessageId="a")
            assert again.last["type"] == "done"
            assert len(await user.messages(other)) == 2
            assert await used_messages(user) == 2
