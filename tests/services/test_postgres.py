"""The PostgreSQL that the tests run on is the real one, speaks Russian, comes back after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.services.postgres import PostgresServer
from tests.services.process import ServerError


def query(url: str, *statements: str) -> Any:
    """Run the statements in one transaction; the first value of the last one's answer, if it has one."""

    async def run() -> Any:
        engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                for statement in statements:
                    result = await connection.execute(text(statement))
                return result.scalar() if result.returns_rows else None
        finally:
            await engine.dispose()

    return asyncio.run(run())


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    """One that a test may stop and kill without disturbing the others."""
    monkeypatch.delenv("DATABASE_URL_TEST", raising=False)
    with PostgresServer() as server:
        yield server


def test_a_database_url_works_as_it_is(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database()

    assert url.startswith("postgresql://")
    assert query(url, "SELECT current_database()") == make_url(url).database


def test_databases_are_apart(postgres_server: PostgresServer) -> None:
    first, second = postgres_server.create_database(), postgres_server.create_database()

    query(first, "CREATE TABLE only_here (id int)")

    assert query(second, "SELECT to_regclass('only_here')") is None


def test_a_template_is_copied_with_its_rows(postgres_server: PostgresServer) -> None:
    template = postgres_server.create_database()
    query(template, "CREATE TABLE notes (body text)", "INSERT INTO notes VALUES ('Привет, мир — ёж 🦔')")

    copy = postgres_server.create_database(template)
    query(copy, "INSERT INTO notes VALUES ('only in the copy')")

    assert query(copy, "SELECT min(body) FROM notes WHERE body LIKE 'При%'") == "Привет, мир — ёж 🦔"
    assert query(template, "SELECT count(*) FROM notes") == 1


def test_a_database_can_be_made_inside_a_running_loop(postgres_server: PostgresServer) -> None:
    async def make() -> str:
        return postgres_server.create_database()

    assert query(asyncio.run(make()), "SELECT 1") == 1


def test_a_dropped_database_is_gone(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database()

    postgres_server.drop_database(url)

    with pytest.raises((DBAPIError, OSError), match="does not exist"):
        query(url, "SELECT 1")


def test_the_russian_dictionary_knows_word_forms_and_english(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database()
    found = "SELECT to_tsvector('russian', 'Мои кошки любят running servers') @@ websearch_to_tsquery('russian', '{}')"

    assert query(url, found.format("кошка")) is True
    assert query(url, found.format("server run")) is True
    assert query(url, found.format("собака")) is False
    assert query(url, "SELECT upper('ёж') || lower('ЁЖ')") == "ЁЖёж"


def test_data_survives_stop_and_crash(own_server: PostgresServer) -> None:
    url = own_server.create_database()
    query(url, "CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)", "CHECKPOINT")

    own_server.stop()
    own_server.start()
    assert query(url, "SELECT count(*) FROM t") == 1

    own_server.kill()
    own_server.start()
    assert query(url, "SELECT count(*) FROM t") == 1


def test_an_external_server_replaces_it_and_gets_its_databases_removed(
    own_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    maintenance = own_server.create_database()
    monkeypatch.setenv("DATABASE_URL_TEST", maintenance)

    with PostgresServer() as external:
        assert not external.managed
        created = external.create_database()
        assert query(created, "SELECT 1") == 1

    database = make_url(created).database
    assert query(maintenance, f"SELECT count(*) FROM pg_database WHERE datname = '{database}'") == 0


def test_a_name_that_could_be_sql_is_refused(postgres_server: PostgresServer) -> None:
    with pytest.raises(ServerError, match="names no database"):
        postgres_server.drop_database('x"; DROP DATABASE postgres; --')
