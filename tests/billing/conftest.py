"""Every story of money is told on both databases; rules that hardly depend on them only in `make soak` (tests/backends.py)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.billing.market import Market, open_market


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def market(tmp_path: Path, database_url: str | None, emulator: Emulator) -> AsyncIterator[Market]:
    async with open_market(tmp_path / "data", emulator, database_url) as market:
        yield market
