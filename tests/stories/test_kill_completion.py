"""The server dies in the middle of an answer to a program: nothing stays open, and what was shown is counted."""

import asyncio
from pathlib import Path

import openai
import pytest
from openai import AsyncOpenAI

from ai_chat.emulators.openrouter import Emulator
from tests.backends import SLOW_BACKENDS
from tests.stories.server import moved_to, newcomer, serving


@pytest.mark.parametrize("backend", SLOW_BACKENDS, indirect=True)
async def test_an_answer_to_a_program_ends_in_the_books_after_a_crash(
    env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    emulator.admin.knobs("text=count;tokens=5000;speed=100")
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        key = (await api.post("/api/keys", {"name": "Story"})).data["key"]
        async with AsyncOpenAI(api_key=key, base_url=f"{server.url}/v1", max_retries=0) as client:
            shown, unseen = await asyncio.gather(
                client.chat.completions.create(
                    model="openai/gpt-4o-mini", messages=[{"role": "user", "content": "Count"}], stream=True
                ),
                client.chat.completions.create(
                    model="openai/gpt-4o-mini",
                    messages=[{"role": "user", "content": "/emulator hang\nNothing"}],
                    timeout=2.5,
                ),
                return_exceptions=True,
            )
            assert not isinstance(shown, BaseException)
            assert isinstance(unseen, openai.APITimeoutError)
            waiting = asyncio.create_task(
                client.chat.completions.create(
                    model="openai/gpt-4o-mini", messages=[{"role": "user", "content": "Whole"}]
                )
            )
            await asyncio.sleep(1.5)  # a checkpoint and more
            server.kill()
            await asyncio.gather(waiting, return_exceptions=True)
        async with serving(env, tmp_path) as again:
            used = (await moved_to(api, again).get("/api/usage")).data["messages"]["used"]
            [after] = (await moved_to(api, again).get("/api/keys")).data
    # The stream had been shown and the one nobody waited for was stopped; of the whole answer nothing had been shown.
    assert used == 2
    assert after["used"]["messagesToday"] == 2
