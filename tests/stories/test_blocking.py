"""An operator blocks somebody from a shell beside the server: what they have open ends, on every worker."""

import asyncio
from pathlib import Path

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.product import read_stream
from tests.stories.server import newcomer, run, serving

SECONDS = 15


@pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)
async def test_a_user_blocked_from_the_shell_loses_live_streams(
    backend: str, env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs("text=count;tokens=5000;speed=50")
    workers = ["--workers", "2"] if backend == "postgres+redis" else []
    async with serving(env, tmp_path, *workers) as server, newcomer(server) as api:
        chat = await api.new_chat()
        async with api.open_message(chat, "Count for me") as sending:
            await read_stream(sending, frames=3)
            readers = [
                await api.session.get(f"{server.url}/api/chat/{chat}/stream", headers=api.headers()) for _ in range(4)
            ]
            assert {reader.status for reader in readers} == {200}
            blocked = await run("user", "block", "ann@example.com", env=env, cwd=tmp_path)
            assert blocked.code == 0, blocked.errors
            async with asyncio.timeout(SECONDS):
                await asyncio.gather(*(reader.content.read() for reader in [sending, *readers]))
        assert (await api.get("/api/auth/me")).status == 401
        await emulator.admin.idle()  # the answer was not only hidden but stopped
