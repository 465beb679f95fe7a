"""SQLite in WAL mode: readers never wait, writers take turns on one thread of ours (and, between processes, by BEGIN IMMEDIATE)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from ai_chat.storage.database import Database

_READERS = 2
_WRITE = "ai_chat_write"
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-8000", "temp_store=MEMORY")

Result = TypeVar("Result")


class SqliteDatabase(Database):
    """A file of our own."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = create_engine(
            URL.create("sqlite+pysqlite", database=str(path)),
            # A connection is used by one thread at a time, though not always by the one that made it.
            connect_args={"timeout": 15, "cached_statements": 512, "check_same_thread": False},
            pool_size=_READERS + 1,
            hide_parameters=True,
        )
        self._writing_engine = self._engine.execution_options(**{_WRITE: True})
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-reader")
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)

    async def read(self, work: Callable[[Session], Result]) -> Result:
        def run() -> Result:
            with Session(self._engine, expire_on_commit=False, autoflush=False) as session:
                return work(session)

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def write(self, work: Callable[[Session], Result]) -> Result:
        def run() -> Result:
            with Session(self._writing_engine, expire_on_commit=False) as session, session.begin():
                return work(session)

        return await asyncio.get_running_loop().run_in_executor(self._writer, run)

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            with self._writing_engine.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._writer, run)

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._engine.dispose)
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun below, by us alone
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # Reading needs no transaction: each statement sees a consistent state, and BEGIN would cost as much as the query.
    if connection.get_execution_options().get(_WRITE, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
