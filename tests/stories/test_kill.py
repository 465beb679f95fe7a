"""The server dies without a word in the middle of an answer: what was read is there after the restart, and the books are right."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.product import Api
from tests.stories.server import moved_to, newcomer, serving

MOST_SECONDS_LOST = 2.0


class Reader:
    """Somebody reading an answer, and when they had read how much."""

    def __init__(self) -> None:
        self.text = ""
        self.marks: list[tuple[float, int]] = []
        self.last: dict[str, Any] = {}

    async def read(self, api: Api, chat: str) -> None:
        try:
            async with api.open_message(chat, "Count for me") as response:
                assert response.status == 200, await response.text()
                async for line in response.content:
                    if line.startswith(b"data: "):
                        self.last = json.loads(line[6:])
                        self.text += self.last.get("delta", "")
                        self.marks.append((time.monotonic(), len(self.text)))
        except aiohttp.ClientError:
            pass

    def read_until(self, moment: float) -> int:
        return max((length for at, length in self.marks if at <= moment), default=0)


async def answers(api: Api, chat: str) -> list[dict[str, Any]]:
    return [message for message in await api.messages(chat) if message["role"] == "assistant"]


@pytest.mark.parametrize("backend", ["sqlite", "postgres", "postgres+redis"], indirect=True)
async def test_what_was_read_before_a_crash_is_there_after_it(
    env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs("text=count;tokens=5000;speed=100")
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        chat, reader = await api.new_chat(), Reader()
        reading = asyncio.create_task(reader.read(api, chat))
        await asyncio.sleep(3.3)
        killed_at = time.monotonic()
        server.kill()
        await reading
        assert len(reader.text) > 100
        async with serving(env, tmp_path) as again:
            later = moved_to(api, again)
            (answer,) = await answers(later, chat)
            stored = answer["content"]
            assert answer["status"] == "interrupted"
            assert reader.text.startswith(stored) or stored.startswith(reader.text)
            assert len(stored) >= reader.read_until(killed_at - MOST_SECONDS_LOST) > 0
            assert (await later.get("/api/usage")).data["messages"]["used"] == 1
            emulator.admin.knobs("text=default;speed=0")
            assert (await later.send(chat, "And now?")).last["type"] == "done"
            assert (await later.get("/api/usage")).data["messages"]["used"] == 2
            assert await again.stop() == 0


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_a_crash_before_the_first_word_gives_the_message_back(
    env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs("ttft_ms=60000")
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        chat, reader = await api.new_chat(), Reader()
        reading = asyncio.create_task(reader.read(api, chat))
        while not reader.last:
            await asyncio.sleep(0.02)
        assert (await api.get("/api/usage")).data["messages"]["used"] == 1
        server.kill()
        await reading
        async with serving(env, tmp_path) as again:
            later = moved_to(api, again)
            (answer,) = await answers(later, chat)
            assert (answer["status"], answer["content"]) == ("interrupted", "")
            assert (await later.get("/api/usage")).data["messages"]["used"] == 0


async def test_several_answers_of_one_crash_are_all_ended(
    env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs("text=count;tokens=5000;speed=100")
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        chats = [await api.new_chat() for _ in range(5)]
        readers = [Reader() for _ in chats]
        reading = [asyncio.create_task(reader.read(api, chat)) for reader, chat in zip(readers, chats, strict=True)]
        await asyncio.sleep(1.5)
        server.kill()
        await asyncio.gather(*reading)
        async with serving(env, tmp_path) as again:
            later = moved_to(api, again)
            for chat, reader in zip(chats, readers, strict=True):
                (answer,) = await answers(later, chat)
                assert answer["status"] == "interrupted"
                assert reader.text.startswith(answer["content"]) or answer["content"].startswith(reader.text)


async def test_a_server_killed_while_idle_serves_again_at_once(env: dict[str, str], tmp_path: Path) -> None:
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        chat = await api.new_chat()
        await api.send(chat, "Привет")
        server.kill()
        async with serving(env, tmp_path) as again:
            (answer,) = await answers(moved_to(api, again), chat)
            assert answer["status"] == "complete"
