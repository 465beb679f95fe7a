"""Two workers on one port share everything, are replaced when they die, and never outlive their supervisor."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.stories.server import Server, newcomer, serving

pytestmark = [
    pytest.mark.parametrize("backend", ["postgres+redis"], indirect=True),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found through /proc"),
]


def workers_of(server: Server) -> list[int]:
    """The supervisor's children that serve: multiprocessing's own helper is not among them."""
    return [pid for pid in children_of(server.process.pid) if "spawn_main" in command_of(pid)]


def children_of(parent: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(stat.parent.name)


def command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    return ""


def alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def until_gone(pids: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline, "workers outlive their supervisor"
        await asyncio.sleep(0.05)


async def test_both_serve_the_same_accounts_and_chats(env: dict[str, str], tmp_path: Path) -> None:
    async with serving(env, tmp_path, "--workers", "2") as server, newcomer(server) as api:
        assert len(workers_of(server)) == 2
        chat = await api.new_chat()
        assert (await api.send(chat, "Привет")).last["type"] == "done"
        pages = await asyncio.gather(
            *(api.get(f"/api/chat/{chat}", headers={"Connection": "close"}) for _ in range(20))
        )
        assert {len(page.data["messages"]) for page in pages} == {2}
        assert await server.stop() == 0


async def test_the_quota_holds_across_workers(env: dict[str, str], tmp_path: Path, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "plans.toml").write_text("[free]\nmessages_per_day = 5\n")
    async with serving(env, tmp_path, "--workers", "2") as server, newcomer(server) as api:
        chats = [await api.new_chat() for _ in range(10)]

        async def send(chat: str) -> int:
            async with api.open_message(chat, "Hi") as response:
                await response.read()
                return response.status

        statuses = await asyncio.gather(*(send(chat) for chat in chats))
        assert sorted(statuses) == [200] * 5 + [429] * 5


async def test_they_die_with_a_killed_supervisor(env: dict[str, str], tmp_path: Path) -> None:
    async with serving(env, tmp_path, "--workers", "2") as server:
        workers = workers_of(server)
        assert len(workers) == 2
        server.kill()
        await until_gone(workers, 15)


async def test_they_die_with_a_killed_supervisor_in_the_middle_of_an_answer(
    env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs("text=count;tokens=5000;speed=100")
    async with serving(env, tmp_path, "--workers", "2") as server, newcomer(server) as api:
        workers = workers_of(server)
        async with api.open_message(await api.new_chat(), "Count") as response:
            await response.content.readany()
            server.kill()
            rest = await response.content.read()
        assert b'"type":"error"' in rest
        await until_gone(workers, 15)


async def test_a_worker_that_dies_is_replaced(env: dict[str, str], tmp_path: Path) -> None:
    async with serving(env, tmp_path, "--workers", "2") as server:
        before = workers_of(server)
        os.kill(before[0], signal.SIGKILL)
        deadline = time.monotonic() + 15
        while len([pid for pid in workers_of(server) if alive(pid)]) < 2 or before[0] in workers_of(server):
            assert time.monotonic() < deadline, server.log
            await asyncio.sleep(0.05)
        await server.ready()
        assert await server.stop() == 0
