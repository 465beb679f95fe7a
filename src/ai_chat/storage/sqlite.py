"""SQLite in WAL mode: readers never wait, writers take turns (`sqlite_writer.py`; between processes, by BEGIN IMMEDIATE)."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.database import Database
from ai_chat.storage.measures import measured
from ai_chat.storage.sqlite_writer import PATIENCE_SECONDS, LightSession, SqliteWriter
from ai_chat.storage.tables import to_json

_READERS = 2
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-8000", "temp_store=MEMORY")
_UNAVAILABLE = (
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY,
)  # fmt: skip

log = structlog.get_logger()

Result = TypeVar("Result")


class SqliteDatabase(Database):
    """A file of our own."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading_engine = _engine(path, connections=_READERS + 1)
        event.listen(self._reading_engine, "connect", _forbid_writing)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-reader")
        self._brief: Connection | None = None
        """For brief reading, on the event loop."""
        self._writer = SqliteWriter(_engine(path, connections=1))

    async def read(self, work: Callable[[Session], Result], *, brief: bool = False) -> Result:
        def run() -> Result:
            with Session(self._reading_engine, expire_on_commit=False, autoflush=False) as session:
                return work(session)

        with measured("read"):
            if brief:  # readers wait for nobody: the event loop has the work itself to do, and that is all
                if self._brief is None:
                    self._brief = self._reading_engine.connect()
                return LightSession(self._brief, expire_on_commit=False, autoflush=False).run(work)
            return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def write(self, work: Callable[[Session], Result], *, brief: bool = False) -> Result:
        with measured("write"), _away_is_unavailable():
            return await self._writer.write(work, brief=brief)

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        return await self._writer.migrate(work)

    async def close(self) -> None:
        self._readers.shutdown(wait=True)
        if self._brief is not None:
            self._brief.close()
        self._reading_engine.dispose()
        await self._writer.close()


@contextmanager
def _away_is_unavailable() -> Iterator[None]:
    """A disk that is full, broken or read-only, and somebody else who does not let go of the file, are no crash of ours: people
    are told to try again, operators why.
    """
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as problem:
        reason = problem.orig if isinstance(problem, OperationalError) else problem
        if getattr(reason, "sqlite_errorcode", 0) & 0xFF not in _UNAVAILABLE:
            raise
        log.error("the database cannot be written", reason=str(reason))
        raise AppError(ErrorCode.SERVICE_UNAVAILABLE, retry_after=5) from problem


def _engine(path: Path, *, connections: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        # A connection is used by one thread at a time, though not always by the one that made it.
        connect_args={"timeout": PATIENCE_SECONDS, "cached_statements": 512, "check_same_thread": False},
        pool_size=connections,
        hide_parameters=True,
        json_serializer=to_json,
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
