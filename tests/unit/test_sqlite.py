"""What only SQLite has: two doors to one file, the one for reading locked against writing, and a queue before the other."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.sqlite import SqliteDatabase

COUNT = text("SELECT count(*) FROM t")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = SqliteDatabase(tmp_path / "ai_chat.sqlite3")
    await opened.write(lambda session: session.execute(text("CREATE TABLE t (x int)")))
    yield opened
    await opened.close()


def add(session: Session) -> None:
    session.execute(text("INSERT INTO t VALUES (1)"))


async def count(database: SqliteDatabase) -> int:
    return await database.read(lambda session: session.execute(COUNT).scalar_one())


@pytest.mark.parametrize(
    "statement", ["INSERT INTO t VALUES (1)", "UPDATE t SET x = 2", "DELETE FROM t", "CREATE TABLE more (x int)"]
)
async def test_what_is_written_while_reading_is_refused_and_does_not_stick(
    statement: str, database: SqliteDatabase
) -> None:
    await database.write(add)
    with pytest.raises(OperationalError, match="readonly"):
        await database.read(lambda session: session.execute(text(statement)))
    assert await database.read(lambda session: session.scalars(text("SELECT x FROM t")).all()) == [1]
    assert await database.read(lambda session: session.scalar(text("SELECT count(*) FROM sqlite_master"))) == 1


async def test_every_reading_connection_is_locked_and_the_writing_one_never(database: SqliteDatabase) -> None:
    both = threading.Barrier(2, timeout=10)

    def work(session: Session) -> None:
        session.execute(COUNT)
        both.wait()
        add(session)

    refused = await asyncio.gather(database.read(work), database.read(work), return_exceptions=True)
    assert [type(outcome) for outcome in refused] == [OperationalError] * 2
    await asyncio.gather(*(database.write(add) for _ in range(10)))
    assert await count(database) == 10


async def test_a_write_that_is_cancelled_before_its_turn_never_happens(database: SqliteDatabase) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slowly(session: Session) -> None:
        add(session)
        inside.set()
        assert go_on.wait(10)

    first = asyncio.create_task(database.write(slowly))
    await asyncio.to_thread(inside.wait, 10)
    waiting = asyncio.create_task(database.write(add))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await count(database) == 0, "a reader sees nothing of a write that is not finished"
    go_on.set()
    await first
    await database.write(add)
    assert await count(database) == 2


async def test_closing_waits_for_the_write_that_is_under_way(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "other.sqlite3")
    await database.write(lambda session: session.execute(text("CREATE TABLE t (x int)")))
    inside = threading.Event()

    def slowly(session: Session) -> None:
        inside.set()
        threading.Event().wait(0.2)
        add(session)

    writing = asyncio.create_task(database.write(slowly))
    await asyncio.to_thread(inside.wait, 10)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await database.close()
    assert not (tmp_path / "other.sqlite3-wal").exists(), "a file that nobody has open is one file"
    again = SqliteDatabase(tmp_path / "other.sqlite3")
    assert await count(again) == 1
    await again.close()


async def test_writers_that_wait_together_fail_alone(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "together.sqlite3")
    await database.write(lambda session: session.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)")))

    def insert(number: int) -> Callable[[Session], int]:
        def work(session: Session) -> int:
            session.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})
            if number % 3 == 0:
                raise ValueError(number)
            return number

        return work

    outcomes = await asyncio.gather(*(database.write(insert(number)) for number in range(100)), return_exceptions=True)
    kept = [number for number in range(100) if number % 3]
    assert [outcome for outcome in outcomes if not isinstance(outcome, BaseException)] == kept
    assert all(isinstance(outcome, ValueError) for number, outcome in enumerate(outcomes) if number % 3 == 0)
    stored = await database.read(lambda session: session.scalars(text("SELECT n FROM t ORDER BY n")).all())
    assert stored == kept
    await database.close()


async def test_a_full_disk_is_a_failure_that_passes(database: SqliteDatabase) -> None:
    """As far as SQLite is concerned, a file that may not grow."""

    async def most_pages(number: int) -> None:
        await database.write(lambda session: session.execute(text(f"PRAGMA max_page_count = {number}")))

    def large(session: Session) -> None:
        session.execute(text("INSERT INTO t VALUES (zeroblob(100000))"))

    await most_pages(1)
    with pytest.raises(AppError) as refused:
        await database.write(large)
    assert refused.value.code is ErrorCode.SERVICE_UNAVAILABLE
    assert await count(database) == 0
    await most_pages(1000)
    await database.write(large)
    assert await count(database) == 1
