"""One database behind two doors: `read()` and `write()`. Each is one transaction; nothing else opens one.

SQLite: WAL, so readers never wait; writers queue on a lock of ours inside the process (a fair queue instead of SQLite's
polling) and on BEGIN IMMEDIATE between processes. PostgreSQL: ordinary transactions, READ COMMITTED.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

_WRITE = "ai_chat_write"
_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}


class DatabaseError(Exception):
    """The database cannot be used; the text is one sentence for the operator."""


class Database:
    """The product's database. `name` says which kind it is, for storage's own use and for messages to the operator."""

    def __init__(self, engine: AsyncEngine, name: Literal["sqlite", "postgresql"]) -> None:
        self.name: Literal["sqlite", "postgresql"] = name
        self.engine = engine
        self._writer = engine.execution_options(**{_WRITE: True})
        self._writer_queue: asyncio.Lock | None = asyncio.Lock() if name == "sqlite" else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Only reads. On PostgreSQL each statement sees what is committed at its start, and so it does on SQLite."""
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits when the block ends and rolls back when it raises. Keep it short: no network inside."""
        queue: AbstractAsyncContextManager[Any] = self._writer_queue or nullcontext()
        async with queue, AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def migration(self) -> AsyncIterator[AsyncConnection]:
        """A connection in one transaction that no other process migrates beside."""
        async with self._writer_queue or nullcontext(), self._writer.begin() as connection:
            if self.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(7305281917)"))
            yield connection

    async def close(self) -> None:
        await self.engine.dispose()


async def open_database(url: str | None, data_dir: Path) -> Database:
    """The database of `url`, or SQLite in `data_dir`; DatabaseError where it cannot be reached."""
    if url is None:
        return _open_sqlite(data_dir / "ai_chat.sqlite3")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as problem:  # ValueError: a port that is no number
        raise DatabaseError("DATABASE_URL is not an address of a database (expected postgresql://…).") from problem
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return await _open_postgresql(parsed)
    if backend == "sqlite" and parsed.database:
        return _open_sqlite(Path(parsed.database))
    raise DatabaseError(f"DATABASE_URL names {backend!r}; supported are postgresql://… and, when unset, SQLite.")


def _open_sqlite(path: Path) -> Database:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        connect_args={"timeout": 15, "cached_statements": 512},
        pool_size=4,
        max_overflow=2,
        pool_timeout=30,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions are begun below, by us alone
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "cache_size=-8000",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # Reading needs no transaction: each statement sees a consistent state, and BEGIN would cost as much as the query.
        if connection.get_execution_options().get(_WRITE, False):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return Database(engine, "sqlite")


async def _open_postgresql(url: URL) -> Database:
    query = dict(url.query)
    for known_elsewhere in ("pgbouncer", "channel_binding", "connection_limit", "schema"):
        query.pop(known_elsewhere, None)  # other drivers' words that hosting providers put into their addresses
    connect_args: dict[str, object] = {"timeout": 10}
    if (seconds := query.pop("connect_timeout", None)) is not None and str(seconds).isdecimal():
        connect_args["timeout"] = max(int(str(seconds)), 1)
    if (application := query.pop("application_name", None)) is not None:
        connect_args["server_settings"] = {"application_name": application}
    if (mode := query.pop("sslmode", None)) is not None:
        if mode not in _SSL_MODES:
            raise DatabaseError(f"DATABASE_URL: sslmode={mode} is not one of {', '.join(sorted(_SSL_MODES))}.")
        connect_args["ssl"] = mode
    target = url.set(drivername="postgresql+asyncpg", query=query)
    pooled = await _behind_transaction_pooler(target, connect_args)
    if pooled:
        # Each transaction may meet another server process: prepared statements must not be expected to be there again.
        connect_args |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__ai_chat_{uuid4().hex}__",
        }
    engine = create_async_engine(
        target, connect_args=connect_args, pool_size=10, max_overflow=10, pool_pre_ping=True, pool_recycle=1800
    )
    return Database(engine, "postgresql")


async def _behind_transaction_pooler(url: URL, connect_args: dict[str, object]) -> bool:
    """True where the process that answers is not the one that was announced on connecting: a pooler stands between."""
    probe_args = connect_args | {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    engine = create_async_engine(url, connect_args=probe_args, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            assert driver is not None
            answering = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            return bool(answering != driver.get_server_pid())
    except (OSError, DBAPIError, OperationalError, TimeoutError) as problem:
        where = f"{url.host or url.query.get('host', 'its socket')}:{url.port or 5432}"
        raise DatabaseError(f"PostgreSQL at {where} cannot be used: {_first_line(problem)}") from problem
    except TypeError as problem:
        raise DatabaseError(f"DATABASE_URL has an option that is not understood: {_first_line(problem)}") from problem
    except Exception as problem:  # asyncpg raises its own tree before SQLAlchemy can wrap it
        if type(problem).__module__.startswith("asyncpg"):
            raise DatabaseError(f"PostgreSQL refused the connection: {_first_line(problem)}") from problem
        raise
    finally:
        await engine.dispose()


def _first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0].rstrip(".") + "."
