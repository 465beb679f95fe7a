"""Everything at once: two workers, PostgreSQL and Valkey, fifty answers; a worker is killed, Valkey loses all it had. Nobody
loses a message, nobody reads a gap or a repeat, nobody waits for ever, and the books are right.
"""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.product import PASSWORD, Api
from tests.services.valkey import ValkeyServer
from tests.stories.books import books_of
from tests.stories.reading import Reader
from tests.stories.server import Server, serving
from tests.stories.test_workers import workers_of

pytestmark = [
    pytest.mark.parametrize("backend", ["postgres+redis"], indirect=True),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found through /proc"),
]
USERS, CHATS = 10, 5
LONGEST_SECONDS = 90


async def people(server: Server, session: aiohttp.ClientSession) -> list[Api]:
    async def somebody(number: int) -> Api:
        account = {"email": f"user{number}@example.com", "password": PASSWORD}
        registered = await Api(session, server.url).post("/api/auth/register", account)
        return Api(session, server.url, registered.data["token"], registered.data["user"])

    return list(await asyncio.gather(*(somebody(number) for number in range(USERS))))


@pytest.mark.timeout(180)
async def test_nothing_is_lost_when_a_worker_is_killed_and_redis_comes_back_empty(
    env: dict[str, str], tmp_path: Path, emulator: Emulator, valkey_server: ValkeyServer, database_url: str
) -> None:
    emulator.admin.knobs("text=count;tokens=360;speed=40")
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with (
        serving(env | {"AUTH_THROTTLE": "off"}, tmp_path, "--workers", "2") as server,
        aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        users = await people(server, session)
        places = [(user, await user.new_chat()) for user in users for _ in range(CHATS)]
        readers = [Reader(user, chat) for user, chat in places]
        reading = asyncio.gather(*(reader.send(f"Question {number}") for number, reader in enumerate(readers)))
        async with asyncio.timeout(LONGEST_SECONDS):
            while not all(len(reader.text) > 20 for reader in readers):
                await asyncio.sleep(0.05)
            await asyncio.sleep(2.5)  # what is younger may be lost with a worker *and* what Valkey had
            os.kill(workers_of(server)[0], signal.SIGKILL)
            await asyncio.sleep(1)
            valkey_server.kill()
            valkey_server.start()
            await reading
        statuses = []
        for number, reader in enumerate(readers):
            question, answer = await reader.api.messages(reader.chat)
            statuses.append(answer["status"])
            assert question["content"] == f"Question {number}"
            assert answer["status"] in ("complete", "interrupted")
            if answer["status"] == "complete":
                assert answer["content"] == reader.text
            else:  # Valkey has lost what the dead worker had shared: the last checkpoint is what there is
                assert answer["content"]
                assert answer["content"].startswith(reader.text) or reader.text.startswith(answer["content"])
        assert statuses.count("complete") > 0
        assert any(reader.reconnects for reader in readers)
        for user in users:
            assert (await user.get("/api/usage")).data["messages"]["used"] == CHATS
        assert (await readers[0].api.send(readers[0].chat, "/emulator tokens=3;speed=0\nAnd now?")).last[
            "type"
        ] == "done"
    books = await books_of(database_url, tmp_path)
    settled = len(readers) + 1
    assert (books.states, books.used, books.reserved, books.running) == ({"settled": settled}, settled, 0, 0)
