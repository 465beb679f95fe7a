"""PostgreSQL's connections may be lost unnoticed; what has not begun begins again on another, and nothing is done twice."""

import asyncio
import subprocess
import sys

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.database import Database
from tests.contracts.database_rows import count
from tests.contracts.records import user
from tests.product import Product

_TERMINATE = """
import asyncio, asyncpg, sys
async def main():
    connection = await asyncpg.connect(sys.argv[1])
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    while await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ):
        await asyncio.sleep(0.01)
    await connection.close()
asyncio.run(main())
"""


def terminate_all(url: str) -> None:
    """All connections to this database are gone, and nobody here has had a moment to notice."""
    subprocess.run([sys.executable, "-c", _TERMINATE, url], check=True, timeout=30)


@pytest.fixture
def url(database_url: str | None) -> str:
    assert database_url is not None
    return database_url


pytestmark = pytest.mark.parametrize("backend", ["postgres"], indirect=True)


async def test_reads_and_writes_go_on_without_a_failure(database: Database, url: str) -> None:
    for _ in range(2):
        await asyncio.gather(*(database.read(lambda session: session.execute(text("SELECT 1"))) for _ in range(5)))
        terminate_all(url)
        await database.write(lambda session: session.add(user()))
        terminate_all(url)
        await database.read(lambda session: session.execute(text("SELECT 1")))
    assert await count(database, User) == 2


async def test_what_had_begun_is_not_done_again(database: Database, url: str) -> None:
    runs = 0

    def work(session: Session) -> None:
        nonlocal runs
        runs += 1
        session.add(user())
        session.flush()
        terminate_all(url)
        session.execute(text("SELECT 1"))

    with pytest.raises(AppError) as failed:
        await database.write(work)
    assert failed.value.code is ErrorCode.SERVICE_UNAVAILABLE
    assert runs == 1
    assert await count(database, User) == 0


async def test_another_failure_is_told_at_once(database: Database) -> None:
    runs = 0

    def work(session: Session) -> None:
        nonlocal runs
        runs += 1
        session.execute(text("SELECT 1 / 0"))

    for door in (database.read, database.write):
        with pytest.raises(DBAPIError):
            await door(work)
    assert runs == 2


async def test_nobody_sees_a_failure_between_two_requests(product: Product, url: str) -> None:
    person = await product.user()
    chat = await person.new_chat()
    for _ in range(3):
        terminate_all(url)
        assert (await person.send(chat, "Hello")).last["type"] == "done"
        terminate_all(url)
        assert len(await person.messages(chat)) > 0
