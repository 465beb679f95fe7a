"""One emulator per test, on a free port, and a client that hides nothing of the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from ai_chat.emulators.openrouter import Emulator, start
from tests.emulators.client import Client


@pytest_asyncio.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with await start(environ={}) as running:
        yield running


@pytest_asyncio.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(emulator.base_url, emulator.api_key) as opened:
        yield opened
