"""One database behind two doors: `read` and `write`. Each runs a plain function in one transaction; nothing else opens one.

The function is synchronous, on purpose: inside a transaction nothing can be awaited, so none can ever span a network call or
a stream. And it is cheap: on SQLite a whole transaction is at most one hop to a thread instead of four for each statement, on
PostgreSQL one switch of greenlets instead of one for each statement.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal, TypeVar

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from ai_chat.kernel.refusal import Refusal

Result = TypeVar("Result")
_ON_COMMIT, _ON_ROLLBACK = "on_commit", "on_rollback"


class DatabaseError(Refusal):
    """The database cannot be used."""


def on_commit(session: Session, work: Callable[[], None]) -> None:
    """Calls `work`, which must not fail, once what the transaction wrote is stored for good."""
    session.info.setdefault(_ON_COMMIT, []).append(work)


def on_rollback(session: Session, work: Callable[[], None]) -> None:
    """Calls `work`, which must not fail, if the transaction comes to nothing, for whatever reason."""
    session.info.setdefault(_ON_ROLLBACK, []).append(work)


def ended(session: Session, *, well: bool) -> None:
    """The transaction is over: for the databases to say."""
    for work in session.info.pop(_ON_COMMIT if well else _ON_ROLLBACK, ()):
        work()


class Database(ABC):
    """The product's database. `name` says which kind it is, for storage's own use and for messages to the operator."""

    name: Literal["sqlite", "postgresql"]

    @abstractmethod
    async def read(self, work: Callable[[Session], Result], *, brief: bool = False) -> Result:
        """Runs `work`, which only reads; each of its statements sees what is committed when it starts. `brief` says that it is
        a few statements that find their rows by an index: it may then be run at once, where it is asked.
        """

    @abstractmethod
    async def write(self, work: Callable[[Session], Result], *, brief: bool = False) -> Result:
        """Runs `work` in a transaction that commits when it returns and rolls back when it raises. Keep it short. It is called
        again where its first statement has found the connection lost. `brief` is as for `read`.
        """

    @abstractmethod
    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` on a connection in one transaction that no other process migrates beside."""

    @abstractmethod
    async def close(self) -> None:
        """Ends all connections; nothing may be asked afterwards."""
