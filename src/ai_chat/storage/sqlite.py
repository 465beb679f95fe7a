"""SQLite in WAL mode: readers never wait, writers take turns on one thread of ours (and, between processes, by BEGIN IMMEDIATE)."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.database import Database, DatabaseError, ended
from ai_chat.storage.measures import measured
from ai_chat.storage.statements import run_later

_READERS = 2
_MOST_TOGETHER = 32
"""So many writers share a transaction: the first of them waits for the last."""
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-8000", "temp_store=MEMORY")
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)

log = structlog.get_logger()

Result = TypeVar("Result")
_Outcome: TypeAlias = tuple[Any, Exception | None]


class SqliteDatabase(Database):
    """A file of our own."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading_engine = _engine(path, connections=_READERS)
        self._writing_engine = _engine(path, connections=1)
        event.listen(self._reading_engine, "connect", _forbid_writing)
        event.listen(self._writing_engine, "begin", _begin)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._waiting: deque[tuple[Callable[[Session], Any], asyncio.Future[Any]]] = deque()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-reader")

    async def read(self, work: Callable[[Session], Result]) -> Result:
        def run() -> Result:
            with Session(self._reading_engine, expire_on_commit=False, autoflush=False) as session:
                return work(session)

        with measured("read"):
            return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def write(self, work: Callable[[Session], Result]) -> Result:
        """Writers that wait at the same moment share one transaction, each in a savepoint: a burst costs one commit."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        self._writer.submit(self._write_waiting)  # once for each: whoever comes first takes all
        with measured("write"), _no_room_is_unavailable():
            return await future

    def _write_waiting(self) -> None:
        waiting = (self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_TOGETHER)))
        batch = [(work, future) for work, future in waiting if not future.cancelled()]
        if batch:
            outcomes = self._write_together([work for work, _ in batch])
            batch[0][1].get_loop().call_soon_threadsafe(_hand_out, [future for _, future in batch], outcomes)

    def _write_together(self, works: "list[Callable[[Session], Any]]") -> "list[_Outcome]":
        outcomes: list[_Outcome] = []
        written: list[Session] = []
        mode: Literal["create_savepoint", "rollback_only"] = "create_savepoint" if len(works) > 1 else "rollback_only"
        try:
            with self._writing_engine.begin() as connection:
                for work in works:
                    session = Session(connection, expire_on_commit=False, join_transaction_mode=mode)
                    written.append(session)
                    try:
                        with session, session.begin():
                            result = work(session)
                            run_later(session)
                        outcomes.append((result, None))
                    except Exception as problem:
                        if len(works) == 1 or not _in_transaction(connection):
                            raise  # nothing of the whole is stored
                        outcomes.append((None, problem))
        except Exception as problem:  # noqa: BLE001 - all who waited for it get it
            outcomes = [(None, problem)] * len(works)
        for session, (_, failure) in zip(written, outcomes, strict=False):
            ended(session, well=failure is None)
        return outcomes

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            with self._writing_engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                # SQLite changes a column by making the table anew and dropping the old one, and a dropped table's rows count
                # as deleted: with foreign keys on, a change to chats would take all messages with it.
                driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction, hence before it
                try:
                    with connection.begin():
                        result = work(connection)
                        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                            raise DatabaseError(
                                "The migration would leave rows without their owners; nothing was changed."
                            )
                finally:
                    driver.execute("PRAGMA foreign_keys=ON")
            return result

        return await asyncio.get_running_loop().run_in_executor(self._writer, run)

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        self._readers.shutdown(wait=True)
        self._reading_engine.dispose()
        await loop.run_in_executor(self._writer, self._writing_engine.dispose)
        self._writer.shutdown(wait=True)


@contextmanager
def _no_room_is_unavailable() -> Iterator[None]:
    """A disk that is full, broken or read-only is no crash of ours: people are told to try again, operators why."""
    try:
        yield
    except OperationalError as problem:
        if getattr(problem.orig, "sqlite_errorcode", 0) & 0xFF not in _NO_ROOM:
            raise
        log.error("the database cannot be written", reason=str(problem.orig))
        raise AppError(ErrorCode.SERVICE_UNAVAILABLE, retry_after=5) from problem


def _hand_out(futures: list[asyncio.Future[Any]], outcomes: list[_Outcome]) -> None:
    for future, (result, problem) in zip(futures, outcomes, strict=True):
        if future.cancelled():
            continue
        if problem is None:
            future.set_result(result)
        else:
            future.set_exception(problem)


def _in_transaction(connection: Connection) -> bool:
    """False where SQLite itself has rolled everything back (a full disk): what follows would not be inside anything."""
    driver = connection.connection.driver_connection
    assert driver is not None
    return bool(driver.in_transaction)


def _engine(path: Path, *, connections: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        # A connection is used by one thread at a time, though not always by the one that made it.
        connect_args={"timeout": 15, "cached_statements": 512, "check_same_thread": False},
        pool_size=connections,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    # Savepoints are asked of the driver: through SQLAlchemy's compiler two of them cost as much as all that is between them.
    engine.dialect.do_savepoint = partial(_of_savepoint, "SAVEPOINT")  # type: ignore[method-assign]
    engine.dialect.do_rollback_to_savepoint = partial(_of_savepoint, "ROLLBACK TO")  # type: ignore[method-assign]
    engine.dialect.do_release_savepoint = partial(_of_savepoint, "RELEASE")  # type: ignore[method-assign]
    return engine


def _of_savepoint(what: str, connection: Connection, name: str) -> None:
    connection.connection.cursor().execute(f"{what} {name}")


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun below, by us alone
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _forbid_writing(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Without a transaction, what `read` wrote would stay at once, beside the one writer.
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # Only for writing. Each statement that reads sees a consistent state, and BEGIN would cost as much as the query.
    connection.connection.cursor().execute("BEGIN IMMEDIATE")
