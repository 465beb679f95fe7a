"""PostgreSQL through asyncpg: ordinary transactions, READ COMMITTED, also behind a transaction pooler."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from sqlalchemy.util import greenlet_spawn

from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.database import Database, DatabaseError, ended
from ai_chat.storage.measures import measured
from ai_chat.storage.statements import run_later
from ai_chat.storage.tables import to_json

_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
_MIGRATION_LOCK = 7305281917
_CONNECTIONS = 20
"""Of all processes of one server together: a PostgreSQL allows a hundred, and there may be several servers."""
_COMMAND_SECONDS = 30
_PROGRESS = "progress"
_NO_ROOM = ("53", "25006")
"""Its disk, its memory or its connections are used up; or it is a copy that only reads."""
_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}

Result = TypeVar("Result")


class PostgresDatabase(Database):
    """A server that several of our processes may share."""

    name = "postgresql"

    def __init__(self, engine: AsyncEngine, *, pooled: bool = False) -> None:
        self._engine = engine
        # A statement is prepared and then executed: behind a pooler only a transaction keeps both on one server process.
        self._reading_engine = engine if pooled else engine.execution_options(isolation_level="AUTOCOMMIT")

    async def read(self, work: Callable[[Session], Result], *, brief: bool = False) -> Result:
        with measured("read"), _away_is_unavailable():
            try:
                return await greenlet_spawn(self._read, work)
            except DBAPIError as problem:
                if not problem.connection_invalidated:
                    raise
                return await greenlet_spawn(self._read, work)  # reading twice does no harm

    async def write(self, work: Callable[[Session], Result], *, brief: bool = False) -> Result:
        progress = _Progress()

        def begun(session: Session) -> Result:
            session.connection().info[_PROGRESS] = progress
            return work(session)

        with measured("write"), _away_is_unavailable():
            try:
                return await greenlet_spawn(self._write, begun)
            except DBAPIError as problem:
                if not problem.connection_invalidated or progress.statements:
                    raise
                # The connection had been lost unnoticed: nothing has begun, so nothing is done twice.
                return await greenlet_spawn(self._write, begun)

    # A whole transaction is one greenlet: inside it SQLAlchemy is used as if nothing were asynchronous.

    def _read(self, work: Callable[[Session], Result]) -> Result:
        with Session(self._reading_engine.sync_engine, expire_on_commit=False, autoflush=False) as session:
            return work(session)

    def _write(self, work: Callable[[Session], Result]) -> Result:
        session = Session(self._engine.sync_engine, expire_on_commit=False)
        try:
            with session, session.begin():
                result = work(session)
                run_later(session)
        except BaseException:
            ended(session, well=False)
            raise
        ended(session, well=True)
        return result

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        async with self._engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._engine.dispose()


@contextmanager
def _away_is_unavailable() -> Iterator[None]:
    """A database that does not answer is no crash of ours: people are told to try again shortly."""
    try:
        yield
    except (OSError, TimeoutError, PoolTimeoutError) as problem:
        raise AppError(ErrorCode.SERVICE_UNAVAILABLE, retry_after=5) from problem
    except DBAPIError as problem:
        state = str(getattr(problem.orig, "sqlstate", None))
        if not (problem.connection_invalidated or isinstance(problem, InterfaceError) or state.startswith(_NO_ROOM)):
            raise
        raise AppError(ErrorCode.SERVICE_UNAVAILABLE, retry_after=5) from problem


async def open_postgresql(url: URL, processes: int = 1) -> PostgresDatabase:
    """Connects once, to know what stands there; DatabaseError where that fails."""
    query = dict(url.query)
    for known_elsewhere in ("pgbouncer", "channel_binding", "connection_limit", "schema"):
        query.pop(known_elsewhere, None)  # other drivers' words that hosting providers put into their addresses
    connect_args: dict[str, object] = {"timeout": 10, "command_timeout": _COMMAND_SECONDS}
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
        target,
        connect_args=connect_args,
        pool_size=max(3, _CONNECTIONS // processes),
        max_overflow=2,
        pool_timeout=30,
        pool_recycle=1800,
        hide_parameters=True,
        json_serializer=to_json,
    )
    event.listen(engine.sync_engine, "after_cursor_execute", _count_statement)
    event.listen(engine.sync_engine, "connect", _notice_silence)
    event.listen(engine.sync_engine, "checkout", _refuse_lost_connections)
    return PostgresDatabase(engine, pooled=pooled)


@dataclass(slots=True)
class _Progress:
    """How far a transaction has come."""

    statements: int = 0


def _count_statement(connection: Connection, *_: object) -> None:
    progress = connection.info.get(_PROGRESS)
    if progress is not None:
        progress.statements += 1


def _notice_silence(connection: DBAPIConnection, _record: object) -> None:
    """A server that was cut off without a word is noticed by the operating system, within about a minute where nothing is
    asked and within seconds where something is; not by whoever asks next, half a minute later.
    """
    # asyncpg shows its socket to nobody.
    transport = getattr(connection.driver_connection, "_transport", None)
    raw = transport.get_extra_info("socket") if transport is not None else None
    if raw is None or raw.family not in (socket.AF_INET, socket.AF_INET6):
        return
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if (option := getattr(socket, name, None)) is not None:  # not every system has all
            raw.setsockopt(socket.IPPROTO_TCP, option, value)


def _refuse_lost_connections(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """Takes another where the server has closed this one (it was restarted). Asking it each time would be a round trip more
    for every transaction.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


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
