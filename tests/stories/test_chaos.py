"""Everything at once: two workers, PostgreSQL and Valkey, fifty answers; a worker is killed, Valkey loses all it had. Nobody
loses a message, nobody reads a gap or a repeat, nobody waits for ever, and the books are right.
"""

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.chats.models import Generation
from ai_chat.features.usage.models import UsageDay, UsageEntry
from ai_chat.storage.opening import open_database
from tests.product import PASSWORD, Api
from tests.services.valkey import ValkeyServer
from tests.stories.server import Server, serving
from tests.stories.test_workers import workers_of

pytestmark = [
    pytest.mark.parametrize("backend", ["postgres+redis"], indirect=True),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found through /proc"),
]
USERS, CHATS = 10, 5
LONGEST_SECONDS = 90


@dataclass
class Reader:
    """Somebody who reads one answer, on whichever worker, and comes back until it has ended."""

    api: Api
    chat: str
    question: str
    generation: str = ""
    seq: int = 0
    text: str = ""
    last: dict[str, Any] = field(default_factory=dict)
    reconnects: int = 0

    async def read(self) -> None:
        """Sends, reads to the end, and reconnects as often as it takes."""
        body = {"content": self.question, "clientMessageId": self.question}
        connection = self.api.session.post(
            f"{self.api.url}/api/chat/{self.chat}/message", json=body, headers=self.api.headers()
        )
        while not await self._follow(connection):
            await asyncio.sleep(0.2)
            self.reconnects += 1
            query = f"?generationId={self.generation}&after={self.seq}" if self.generation else ""
            connection = self.api.session.get(
                f"{self.api.url}/api/chat/{self.chat}/stream{query}", headers=self.api.headers()
            )

    async def _follow(self, connection: Any) -> bool:
        """True when the answer is over for this reader."""
        with suppress(aiohttp.ClientError):
            async with connection as response:
                if response.status == 204:  # the log is gone: what was stored is what there is
                    return bool((await self.stored())[1]["status"] != "generating")
                if response.status == 200:
                    async for line in response.content:
                        if line.startswith(b"id: "):
                            assert int(line[4:]) == self.seq + 1, "a gap or a repeat"
                            self.seq += 1
                        elif line.startswith(b"data: "):
                            self._take(json.loads(line[6:]))
        return self.last.get("type") in ("done", "error")

    def _take(self, event: dict[str, Any]) -> None:
        self.last = event
        self.generation = event.get("generationId", self.generation)
        self.text += event.get("delta", "")

    async def stored(self) -> list[dict[str, Any]]:
        while True:
            with suppress(aiohttp.ClientError):
                return await self.api.messages(self.chat)


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
        readers = [Reader(user, chat, f"Question {number}") for number, (user, chat) in enumerate(places)]
        reading = asyncio.gather(*(reader.read() for reader in readers))
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
        for reader in readers:
            question, answer = await reader.stored()
            statuses.append(answer["status"])
            assert question["content"] == reader.question
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
    await assert_books_are_right(database_url, settled=len(readers) + 1)


async def assert_books_are_right(database_url: str, *, settled: int) -> None:
    database = await open_database(database_url, Path())

    def work(session: Session) -> tuple[Any, ...]:
        states = session.execute(select(UsageEntry.state, func.count()).group_by(UsageEntry.state)).all()
        days = session.execute(select(func.sum(UsageDay.used), func.sum(UsageDay.reserved))).one()
        running = session.scalar(select(func.count()).where(Generation.status == "running"))
        return dict(states), tuple(days), running

    try:
        assert await database.read(work) == ({"settled": settled}, (settled, 0), 0)
    finally:
        await database.close()
