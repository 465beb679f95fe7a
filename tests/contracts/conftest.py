"""Every contract is one suite for all twins of a port."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ai_chat.storage.database import Database
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import open_database
from tests.services.postgres import PostgresServer

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
def empty_url(backend: str, request: pytest.FixtureRequest) -> Iterator[str | None]:
    """None for SQLite; for PostgreSQL a database without any table."""
    if backend != "postgres":
        yield None
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create_database()
    yield url
    server.drop_database(url)


@pytest.fixture
async def empty_database(empty_url: str | None, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without any table."""
    opened = await open_database(empty_url, tmp_path)
    yield opened
    await opened.close()
