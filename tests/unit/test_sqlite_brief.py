"""Brief work is done where it is asked, takes turns with the thread's, and leaves all waiting to the thread."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage import sqlite_writer
from ai_chat.storage.sqlite import SqliteDatabase
from ai_chat.storage.statements import Statement

Thread = threading.Thread


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = SqliteDatabase(tmp_path / "ai_chat.sqlite3")
    await opened.write(lambda session: session.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)")))
    yield opened
    await opened.close()


def insert(number: int, threads: list[Thread] | None = None) -> Callable[[Session], int]:
    def work(session: Session) -> int:
        if threads is not None:
            threads.append(threading.current_thread())
        ADD.run(session, {"number": number})
        if number % 3 == 0:
            session.execute(
                text("INSERT INTO t VALUES (:n)"), {"n": number + 1000}
            )  # the ORM's way, in the same transaction
            raise ValueError(number)
        return number

    return work


ADD = Statement(text("INSERT INTO t VALUES (:number)"))


async def numbers(database: SqliteDatabase, *, brief: bool = False) -> list[int]:
    return await database.read(
        lambda session: list(session.scalars(text("SELECT n FROM t ORDER BY n")).all()), brief=brief
    )


async def test_it_is_done_on_the_thread_that_asks(database: SqliteDatabase) -> None:
    threads: list[Thread] = []
    await database.write(insert(1, threads), brief=True)
    await database.write(insert(2, threads))
    assert threads[0] is threading.current_thread()
    assert threads[1] is not threads[0]
    assert await numbers(database, brief=True) == await numbers(database) == [1, 2]


async def test_those_that_come_together_share_a_transaction_and_fail_alone(database: SqliteDatabase) -> None:
    asked = [database.write(insert(number), brief=True) for number in range(100)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    kept = [number for number in range(100) if number % 3]
    assert [outcome for outcome in outcomes if not isinstance(outcome, BaseException)] == kept
    assert await numbers(database) == kept


async def test_one_that_fails_leaves_nothing(database: SqliteDatabase) -> None:
    with pytest.raises(ValueError, match="3"):
        await database.write(insert(3), brief=True)
    assert await database.write(insert(4), brief=True) == 4
    assert await numbers(database) == [4]


async def test_neither_kind_keeps_the_other_from_its_turn(database: SqliteDatabase) -> None:
    order: list[str] = []

    async def ask(kind: str, number: int) -> None:
        await database.write(insert(number), brief=kind == "brief")
        order.append(kind)

    def several(numbers: range, kind: str) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(ask(kind, 3 * number + 1)) for number in numbers]

    await asyncio.gather(*several(range(500), "brief"), *several(range(500, 600), "long"))
    assert order[:200] == ["brief"] * 200, "people's messages go first"
    assert "long" in order[:500], "but not always"
    assert len(await numbers(database)) == 600


async def test_another_process_that_writes_keeps_the_event_loop_from_nothing(database: SqliteDatabase) -> None:
    threads: list[Thread] = []
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(database.write(insert(1, threads), brief=True))
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert not writing.done()
        assert await numbers(database, brief=True) == [], "and readers from nothing either"
        other.execute("ROLLBACK")
        async with asyncio.timeout(10):
            await writing
    assert threads[-1] is not threading.current_thread(), "it was the thread that waited"
    await database.write(insert(2, threads), brief=True)
    assert threads[-1] is threading.current_thread()


async def test_another_process_that_never_lets_go_is_a_failure_that_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "PATIENCE_SECONDS", 0.1)
    database = SqliteDatabase(tmp_path / "ai_chat.sqlite3")
    await database.write(lambda session: session.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)")))
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for brief in (True, False):
            with pytest.raises(AppError) as refused:
                await database.write(insert(1), brief=brief)
            assert refused.value.code is ErrorCode.SERVICE_UNAVAILABLE
        other.execute("ROLLBACK")
    assert await database.write(insert(1), brief=True) == 1
    await database.close()


async def test_one_that_is_cancelled_before_its_turn_never_happens(database: SqliteDatabase) -> None:
    waiting = asyncio.create_task(database.write(insert(1), brief=True))
    other = asyncio.create_task(database.write(insert(2), brief=True))
    await asyncio.sleep(0)  # now they wait for the next turn
    waiting.cancel()
    await asyncio.gather(waiting, other, return_exceptions=True)
    assert waiting.cancelled()
    assert await numbers(database) == [2]


async def test_reading_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(Exception, match="readonly"):
        await database.read(insert(1), brief=True)
    assert await numbers(database) == []
