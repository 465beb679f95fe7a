"""SIGTERM in the middle of an answer: it ends well or is kept, the reader hears how, and the exit code is 0."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.stories.server import moved_to, newcomer, serving
from tests.stories.test_kill import Reader, answers

GRACE = 2.0
"""What running answers get in development."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_server_ends_at_once_and_well(
    env: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    async with serving(env, tmp_path) as server:
        started = time.monotonic()
        assert await server.stop(number) == 0
        assert time.monotonic() - started < 20
        assert "Traceback" not in server.log


async def test_an_answer_that_ends_within_the_grace_is_complete(
    env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs("text=count;tokens=100;speed=100")
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        chat, reader = await api.new_chat(), Reader()
        reading = asyncio.create_task(reader.read(api, chat))
        while not reader.text:
            await asyncio.sleep(0.02)
        assert await server.stop() == 0
        await reading
        assert reader.last["type"] == "done"
        async with serving(env, tmp_path) as again:
            (answer,) = await answers(moved_to(api, again), chat)
            assert (answer["status"], answer["content"]) == ("complete", reader.text)


@pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)
async def test_an_answer_that_does_not_is_kept_and_its_reader_told(
    env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs("text=count;tokens=5000;speed=100")
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        chat, reader = await api.new_chat(), Reader()
        reading = asyncio.create_task(reader.read(api, chat))
        while not reader.text:
            await asyncio.sleep(0.02)
        started = time.monotonic()
        assert await server.stop() == 0
        assert time.monotonic() - started < GRACE + 20
        await reading
        assert reader.last["error"]["code"] == "INTERRUPTED"
        assert "Traceback" not in server.log
        async with serving(env, tmp_path) as again:
            later = moved_to(api, again)
            (answer,) = await answers(later, chat)
            assert (answer["status"], answer["content"]) == ("interrupted", reader.text)
            assert (await later.get("/api/usage")).data["messages"]["used"] == 1
