"""One emulator per test, on a free port, and a client that hides nothing of the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from ai_chat.emulators import yookassa
from ai_chat.emulators.openrouter import Emulator, start
from tests.emulators.client import Client
from tests.emulators.yookassa_shop import Inbox, YooShop, open_inbox


@pytest_asyncio.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with await start(environ={}) as running:
        yield running


@pytest_asyncio.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(emulator.base_url, emulator.api_key) as opened:
        yield opened


@pytest_asyncio.fixture
async def inbox() -> AsyncIterator[Inbox]:
    async with open_inbox() as opened:
        yield opened


@pytest_asyncio.fixture
async def kassa(inbox: Inbox) -> AsyncIterator[yookassa.Emulator]:
    async with await yookassa.start(webhook_url=inbox.url, environ={}) as running:
        yield running


@pytest_asyncio.fixture
async def shop(kassa: yookassa.Emulator) -> AsyncIterator[YooShop]:
    async with aiohttp.ClientSession() as session:
        yield YooShop(kassa, session)
