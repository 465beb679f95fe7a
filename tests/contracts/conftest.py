"""Every contract is one suite for all twins of a port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ai_chat.storage.database import Database
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import open_database

DATABASES = ("sqlite", "postgres")


@pytest.fixture(params=DATABASES)
def backend(request: pytest.FixtureRequest) -> str:
    """Every test here that asks for a database runs on both."""
    return str(request.param)


@pytest.fixture
async def database(database_url: str | None, tmp_path: Path) -> AsyncIterator[Database]:
    """A database with the newest schema."""
    opened = await open_database(database_url, tmp_path)
    await migrate(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def empty_database(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database without any table."""
    server = request.getfixturevalue("postgres_server") if backend == "postgres" else None
    url = server.create_database() if server is not None else None
    opened = await open_database(url, tmp_path)
    yield opened
    await opened.close()
    if server is not None:
        server.drop_database(url)
