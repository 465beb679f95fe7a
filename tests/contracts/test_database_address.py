"""A DATABASE_URL that cannot be used is one sentence for the operator, and hosting providers' habits are understood."""

import socket
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from ai_chat.storage.database import DatabaseError
from ai_chat.storage.opening import open_database
from tests.services.postgres import PostgresServer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def refusal(url: str, folder: Path) -> str:
    with pytest.raises(DatabaseError) as refused:
        await open_database(url, folder)
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert "hunter2" not in sentence
    assert sentence.endswith(".")
    return sentence


async def works(url: str, folder: Path) -> None:
    database = await open_database(url, folder)
    assert await database.read(lambda session: session.scalar(text("SELECT 1"))) == 1
    await database.close()


async def test_without_an_address_it_is_sqlite_in_the_data_folder(tmp_path: Path) -> None:
    database = await open_database(None, tmp_path)
    await database.write(lambda session: session.execute(text("CREATE TABLE t (x int)")))
    await database.close()
    assert (tmp_path / "ai_chat.sqlite3").is_file()


@pytest.mark.parametrize("prefix", ["postgresql://", "postgres://", "postgresql+asyncpg://", "postgresql+psycopg://"])
async def test_every_usual_spelling_of_postgresql_is_understood(
    prefix: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.create_database()
    await works(url.replace("postgresql://", prefix, 1), tmp_path)


@pytest.mark.parametrize(
    "query",
    [
        {"sslmode": "disable"},
        {"sslmode": "prefer"},
        {"pgbouncer": "true", "connection_limit": "1", "schema": "public", "channel_binding": "prefer"},
        {"application_name": "ai-chat"},
        {"connect_timeout": "10"},
    ],
    ids=str,
)
async def test_what_hosting_providers_put_into_addresses_is_understood(
    query: dict[str, str], postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = make_url(postgres_server.create_database()).update_query_dict(query)
    await works(url.render_as_string(hide_password=False), tmp_path)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "not an address"),
        ("", "not an address"),
        ("mysql://root:hunter2@db/x", "'mysql'"),
        ("mongodb+srv://u:hunter2@db/x", "mongodb"),
        ("postgresql://u:hunter2@db:port/x", "DATABASE_URL"),
        ("postgresql://u:hunter2@localhost/x?sslmode=sometimes", "sslmode=sometimes is not one of"),
    ],
)
async def test_an_address_that_makes_no_sense_is_one_sentence(url: str, words: str, tmp_path: Path) -> None:
    assert words in await refusal(url, tmp_path)


async def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    port = free_port()
    sentence = await refusal(f"postgresql://u:hunter2@127.0.0.1:{port}/x", tmp_path)
    assert f"127.0.0.1:{port}" in sentence


async def test_a_socket_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    await refusal(f"postgresql://u@/x?host={tmp_path}", tmp_path)


async def test_a_host_that_has_no_name_is_one_sentence(tmp_path: Path) -> None:
    await refusal("postgresql://u:hunter2@no-such-host.invalid/x", tmp_path)


async def test_a_database_that_is_not_there_is_one_sentence(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = make_url(postgres_server.create_database()).set(database="no_such_database")
    assert "no_such_database" in await refusal(url.render_as_string(hide_password=False), tmp_path)


async def test_a_user_that_is_not_there_is_one_sentence(postgres_server: PostgresServer, tmp_path: Path) -> None:
    if not postgres_server.managed:
        pytest.skip("an external server may let anybody in")
    url = make_url(postgres_server.create_database()).set(username="nobody_of_this_name")
    await refusal(url.render_as_string(hide_password=False), tmp_path)


async def test_an_option_that_nobody_knows_is_one_sentence(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = make_url(postgres_server.create_database()).update_query_dict({"no_such_option": "1"})
    assert "no_such_option" in await refusal(url.render_as_string(hide_password=False), tmp_path)
