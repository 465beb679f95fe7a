"""A turn of three answers meets a killed server, a killed worker and SIGTERM: each answer is whole or kept as it was read, each
counts once, and what each cost is known in the end.
"""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.product import MODEL, PASSWORD, Api, read_stream
from tests.stories.books import Books, books_of, charged, worker_of
from tests.stories.reading import Reader
from tests.stories.server import moved_to, newcomer, serving

OTHER, THIRD = "openai/gpt-5-nano", "meta-llama/llama-3.1-8b-instruct"
ENDLESS = "text=count;tokens=3900;speed=60"
SOON = 40


async def ask_three(api: Api) -> list[Reader]:
    """A reader for each answer; the one that sends leaves at once."""
    chat = await api.new_chat()
    async with api.open_message(chat, "Count for me", models=[MODEL, OTHER, THIRD]) as response:
        assert response.status == 200, await response.text()
        siblings = (await read_stream(response, frames=1)).start["siblings"]
    return [Reader(api, chat, sibling["generationId"], sibling["messageId"]) for sibling in siblings]


async def all_are_saved(readers: list[Reader]) -> None:
    """Each has been through a checkpoint."""
    async with asyncio.timeout(SOON):
        while not all([(await reader.stored())["content"] for reader in readers]):
            await asyncio.sleep(0.1)


async def settled(database_url: str | None, data_dir: Path) -> Books:
    """The books once all costs are known for sure."""
    async with asyncio.timeout(SOON):
        while not (books := await books_of(database_url, data_dir)).settled_exactly:
            await asyncio.sleep(0.2)
    return books


ONE_BEAT = 40
"""Characters: more than are written between two beats."""


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_after_a_crash_each_is_kept_counted_and_its_cost_asked_for(
    env: dict[str, str], tmp_path: Path, data_dir: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs(ENDLESS)
    emulator.admin.generation_lag(seconds=1e6)
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        readers = await ask_three(api)
        reading = asyncio.gather(*(reader.read() for reader in readers))
        await all_are_saved(readers)
        server.kill()
        left = await books_of(None, data_dir)
        assert (left.states, left.used, left.reserved, left.running) == ({"reserved": 3}, 0, 3, 3)
        async with serving(env, tmp_path) as again:
            for reader in readers:
                reader.api = moved_to(api, again)
            async with asyncio.timeout(SOON):
                await reading
            for reader in readers:
                answer = await reader.stored()
                assert answer["status"] == "interrupted"
                assert answer["content"]
                assert answer["content"].startswith(reader.text) or reader.text.startswith(answer["content"])
            estimate = await books_of(None, data_dir)
            assert (estimate.states, estimate.used, estimate.reserved) == ({"settled": 3}, 3, 0)
            assert (estimate.unsure, estimate.owed) == (3, 3), "marked, and asked for"
            assert estimate.cost > 0
            emulator.admin.generation_lag()
            books = await settled(None, data_dir)
            assert (books.states, books.used) == ({"settled": 3}, 3)
            assert books.cost == charged(emulator) > 0
            assert await again.stop() == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="a worker of a dead supervisor is found through /proc")
@pytest.mark.parametrize("backend", ["postgres+redis"], indirect=True)
async def test_when_their_worker_is_killed_another_ends_each_with_all_that_was_read(
    env: dict[str, str], tmp_path: Path, data_dir: Path, emulator: Emulator, database_url: str
) -> None:
    emulator.admin.knobs(ENDLESS)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with (
        serving(env, tmp_path, "--workers", "2") as server,
        aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        account = {"email": "ann@example.com", "password": PASSWORD}
        person = (await Api(session, server.url).post("/api/auth/register", account)).data
        readers = await ask_three(Api(session, server.url, person["token"], person["user"]))
        reading = asyncio.gather(*(reader.read() for reader in readers))
        await all_are_saved(readers)
        os.kill(await worker_of(database_url, readers[0].generation), signal.SIGKILL)
        async with asyncio.timeout(SOON):
            await reading
        for reader in readers:
            answer = await reader.stored()
            assert answer["status"] == "interrupted"
            assert answer["content"]
            if reader.last["type"] == "error":
                assert reader.last["error"]["code"] == "INTERRUPTED"
                assert answer["content"] == reader.text
            else:  # it was killed between the write to this reader and that to Redis
                assert reader.text.startswith(answer["content"])
                assert len(reader.text) - len(answer["content"]) < ONE_BEAT
        books = await settled(database_url, data_dir)
        assert (books.states, books.used) == ({"settled": 3}, 3)
        assert books.cost == charged(emulator) > 0
        assert await server.stop() == 0


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_at_sigterm_those_that_can_end_do_and_the_other_is_kept(
    env: dict[str, str], tmp_path: Path, data_dir: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs("text=count;tokens=60;speed=60")
    emulator.admin.fault(ENDLESS, model=OTHER)
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        readers = await ask_three(api)
        reading = asyncio.gather(*(reader.read() for reader in readers))
        async with asyncio.timeout(SOON):
            while not all(reader.text for reader in readers):
                await asyncio.sleep(0.02)
        assert await server.stop() == 0
        await reading
        assert [reader.last["type"] for reader in readers] == ["done", "error", "done"]
        assert "Traceback" not in server.log
        async with serving(env, tmp_path) as again:
            for reader in readers:
                reader.api = moved_to(api, again)
            kept = [await reader.stored() for reader in readers]
            assert [answer["status"] for answer in kept] == ["complete", "interrupted", "complete"]
            assert [answer["content"] for answer in kept] == [reader.text for reader in readers]
            books = await settled(None, data_dir)
            assert (books.states, books.used) == ({"settled": 3}, 3)
            assert books.cost == charged(emulator) > 0
