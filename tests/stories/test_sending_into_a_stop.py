"""SIGTERM among fifty messages that are being sent: each is refused, or accepted and brought to its end; none is in between."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.backends import SLOW_BACKENDS
from tests.product import PASSWORD, Api, read_stream
from tests.stories.books import books_of
from tests.stories.server import moved_to, serving

PEOPLE, CHATS = 6, 8


@pytest.mark.parametrize("backend", SLOW_BACKENDS, indirect=True)
async def test_every_message_is_refused_or_brought_to_its_end(
    env: dict[str, str], tmp_path: Path, data_dir: Path, emulator: Emulator, database_url: str | None
) -> None:
    emulator.admin.knobs("text=count;tokens=40;speed=100")
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with (
        serving(env | {"AUTH_THROTTLE": "off"}, tmp_path) as server,
        aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        places = [place for number in range(PEOPLE) for place in await somebody(Api(session, server.url), number)]
        stopping = asyncio.Event()

        async def send(number: int, api: Api, chat: str) -> dict[str, Any] | str:
            """The last event of the answer, or why there was none."""
            await asyncio.sleep(number * 0.02)
            if number == len(places) // 2:
                stopping.set()
            with contextlib.suppress(aiohttp.ClientError):
                async with api.open_message(chat, "Count", clientMessageId="once") as response:
                    if response.status != 200:
                        return str((await response.json())["error"]["code"])
                    return (await read_stream(response)).last
            return "no connection"

        sending = asyncio.gather(*(send(number, *place) for number, place in enumerate(places)))
        await stopping.wait()
        assert await server.stop() == 0
        outcomes = await sending
        accepted = [one for one in outcomes if isinstance(one, dict)]
        refused = [one for one in outcomes if isinstance(one, str)]
        assert {one["type"] for one in accepted} <= {"done", "error"}
        assert set(refused) <= {"SHUTTING_DOWN", "no connection"}
        assert accepted
        assert refused
        assert "Traceback" not in server.log
        left = await books_of(database_url, data_dir)
        assert (left.reserved, left.running) == (0, 0)
        async with serving(env, tmp_path) as again:
            for outcome, (api, chat) in zip(outcomes, places, strict=True):
                messages = await moved_to(api, again).messages(chat)
                if isinstance(outcome, dict):
                    [_, answer] = messages
                    assert answer["status"] == ("complete" if outcome["type"] == "done" else "interrupted")
                else:
                    assert messages == []
            api, chat = moved_to(places[0][0], again), places[0][1]
            repeated = await api.send(chat, "Count", clientMessageId="once")
            assert repeated.last["type"] == "done"
            assert len(await api.messages(chat)) == 2


async def somebody(anonymous: Api, number: int) -> list[tuple[Api, str]]:
    """A person, once for each of their chats."""
    account = {"email": f"user{number}@example.com", "password": PASSWORD}
    person = (await anonymous.post("/api/auth/register", account)).data
    api = Api(anonymous.session, anonymous.url, person["token"], person["user"])
    return [(api, await api.new_chat()) for _ in range(CHATS)]
