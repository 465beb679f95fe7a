"""SQLite's one writer: a connection that a thread of ours and the event loop use in turns, never both at once.

What is brief is written on the event loop itself, in its next turn: the way to a thread and back, and two threads that take
the interpreter from each other at each statement, cost as much as the work. What takes longer is the thread's, and so is what
another process keeps from being written: nothing on the event loop waits for a lock or for the disk.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from ai_chat.storage.database import DatabaseError, ended
from ai_chat.storage.statements import run_later

PATIENCE_SECONDS = 15
"""How long the thread waits for another process that writes."""
_MOST_TOGETHER = 32
"""So many writers share a transaction: the first of them waits for the last."""
_BRIEF_TURNS = 8
"""So often people's messages go before the thread's next turn, which may take as long as all of these together."""
_CHECKPOINT_PAGES = 1000
"""When so much waits in the log, the thread puts it in its place."""
_SOMEBODY_WRITES = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

Result = TypeVar("Result")
_Outcome: TypeAlias = tuple[Any, Exception | None]
_Writer: TypeAlias = tuple[Callable[[Session], Any], "asyncio.Future[Any]"]


class LightSession(Session):
    """A session on a connection whose transaction is ours. Statements on the short way to the driver do without its own, which
    costs as much as they do; it begins one as soon as the ORM is asked.
    """

    bind: Connection

    def connection(self, *args: Any, **options: Any) -> Connection:
        if args or options or self.in_transaction():
            return super().connection(*args, **options)
        return self.bind

    def run(self, work: Callable[[Session], Result]) -> Result:
        try:
            result = work(self)
            run_later(self)
            if self.in_transaction():
                self.commit()
            return result
        finally:
            if self.in_transaction() or self.identity_map:
                self.close()


class SqliteWriter:
    """Runs writers in transactions. Those that wait at the same moment share one, each in a savepoint: a burst costs one
    commit.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._brief: deque[_Writer] = deque()
        self._long: deque[_Writer] = deque()
        self._brief_turns = 0
        """Since the thread wrote."""
        self._turn_comes = self._thread_writes = False
        self._resting = asyncio.Event()
        """Nobody writes or waits for it."""
        self._resting.set()
        self._patient: bool | None = None
        """Whether the connection is set to wait for other processes."""

    async def write(self, work: Callable[[Session], Result], *, brief: bool) -> Result:
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        (self._brief if brief else self._long).append((work, future))
        self._go_on()
        return await future

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        """Before anything is written."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._migrate, work)

    async def close(self) -> None:
        await self._resting.wait()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown(wait=True)
        self._engine.dispose()

    # On the event loop

    def _go_on(self) -> None:
        """The next turn is taken once the event loop has done what it is about to do: by then more may want to write."""
        if self._turn_comes or self._thread_writes:
            return
        if self._brief or self._long:
            self._turn_comes = True
            self._resting.clear()
            asyncio.get_running_loop().call_soon(self._take_turn)
        else:
            self._resting.set()

    def _take_turn(self) -> None:
        self._turn_comes = False
        if not self._brief or (self._long and self._brief_turns == _BRIEF_TURNS):
            self._brief_turns, self._thread_writes = 0, True
            self._thread.submit(self._write_patiently, _next_of(self._long), asyncio.get_running_loop())
            return
        self._brief_turns = min(self._brief_turns + 1, _BRIEF_TURNS)
        batch = _next_of(self._brief)
        outcomes = self._write_together(batch, patient=False)
        if _locked(outcomes):
            self._long.extendleft(reversed(batch))  # it is the thread that waits
            self._brief_turns = _BRIEF_TURNS
        else:
            _hand_out(batch, outcomes)
        self._go_on()

    def _thread_has_written(self, batch: Sequence[_Writer], outcomes: Sequence[_Outcome]) -> None:
        self._thread_writes = False
        _hand_out(batch, outcomes)
        self._go_on()

    # On the thread

    def _write_patiently(self, batch: Sequence[_Writer], loop: asyncio.AbstractEventLoop) -> None:
        outcomes = self._write_together(batch, patient=True)
        loop.call_soon_threadsafe(self._thread_has_written, batch, outcomes)

    def _migrate(self, work: Callable[[Connection], Result]) -> Result:
        connection = self._connected(patient=True)
        driver = connection.connection.driver_connection
        assert driver is not None
        # SQLite changes a column by making the table anew and dropping the old one, and a dropped table's rows count as
        # deleted: with foreign keys on, a change to chats would take all messages with it.
        driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction, hence before it
        try:
            with _begun(connection):
                result = work(connection)
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise DatabaseError("The migration would leave rows without their owners; nothing was changed.")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")
        return result

    # On either

    def _write_together(self, batch: Sequence[_Writer], *, patient: bool) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        written: list[LightSession] = []
        if not batch:
            return outcomes
        try:
            with self._transaction(patient=patient) as connection:
                for work, _ in batch:
                    session = LightSession(
                        connection,
                        expire_on_commit=False,
                        join_transaction_mode="rollback_only" if len(batch) == 1 else "create_savepoint",
                    )
                    written.append(session)
                    outcomes.append(_alone(session, work) if len(batch) == 1 else _beside_others(session, work))
        except Exception as problem:  # noqa: BLE001 - all who waited for it get it
            outcomes = [(None, problem)] * len(batch)
        for session, (_, failure) in zip(written, outcomes, strict=False):
            ended(session, well=failure is None)
        return outcomes

    @contextmanager
    def _transaction(self, *, patient: bool) -> Iterator[Connection]:
        connection = self._connected(patient=patient)
        try:
            with _begun(connection):
                yield connection
        except (DBAPIError, sqlite3.Error):
            self._disconnect()
            raise

    def _connected(self, *, patient: bool) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        if self._patient != patient:
            self._patient = patient
            cursor = self._connection.connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000 if patient else 0}")
            cursor.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES if patient else 0}")
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._patient = None


@contextmanager
def _begun(connection: Connection) -> Iterator[None]:
    # Not as an event of SQLAlchemy's: it would look for listeners at each statement. And only for writing: each statement
    # that reads sees a consistent state.
    with connection.begin():
        connection.connection.cursor().execute("BEGIN IMMEDIATE")
        yield


def _alone(session: LightSession, work: Callable[[Session], Any]) -> _Outcome:
    return session.run(work), None


def _beside_others(session: LightSession, work: Callable[[Session], Any]) -> _Outcome:
    """What fails leaves the others as they are."""
    cursor = session.bind.connection.cursor()
    cursor.execute("SAVEPOINT one_of_several")
    try:
        result = session.run(work)
    except Exception as problem:
        driver = session.bind.connection.driver_connection
        assert driver is not None
        if not driver.in_transaction:
            raise  # SQLite itself has rolled everything back (a full disk): what follows would not be inside anything
        cursor.execute("ROLLBACK TO one_of_several")
        cursor.execute("RELEASE one_of_several")
        return None, problem
    cursor.execute("RELEASE one_of_several")
    return result, None


def _locked(outcomes: Sequence[_Outcome]) -> bool:
    """Nothing has been written, because another process is writing."""
    problem = outcomes[0][1] if outcomes else None
    code = getattr(getattr(problem, "orig", problem), "sqlite_errorcode", 0)
    return isinstance(problem, OperationalError | sqlite3.OperationalError) and code & 0xFF in _SOMEBODY_WRITES


def _next_of(waiting: deque[_Writer]) -> list[_Writer]:
    batch = [waiting.popleft() for _ in range(min(len(waiting), _MOST_TOGETHER))]
    return [(work, future) for work, future in batch if not future.cancelled()]


def _hand_out(batch: Sequence[_Writer], outcomes: Sequence[_Outcome]) -> None:
    for (_, future), (result, problem) in zip(batch, outcomes, strict=True):
        if future.cancelled():
            continue
        if problem is None:
            future.set_result(result)
        else:
            future.set_exception(problem)
