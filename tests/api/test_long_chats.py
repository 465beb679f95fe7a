"""A send costs what it sends, and not what its chat has: in a long conversation, and in one with hundreds of branches."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID

import pytest
from sqlalchemy import Connection, insert, text, update
from sqlalchemy.orm import Session

from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.chats.turns import Turns
from ai_chat.kernel.clock import system_clock
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from ai_chat.storage.statements import run_later
from tests.api.helpers import questions_upstream
from tests.product import Api, Product

Result = TypeVar("Result")

SIZE = 1000
"""Tokens of each message: some fifteen of them fit the free plan's context."""
SHORT, LONG = 40, 2000
_STEPS_AT_ONCE = 10
_READ = text("SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'messages'")


@dataclass
class Work:
    """What the database did for one transaction."""

    statements: list[str] = field(default_factory=list)
    """SQLite tells each."""
    steps: int = 0
    """Of SQLite's machine; for PostgreSQL the rows of messages that it has read."""
    scanned: int = 0
    """Rows of messages that PostgreSQL has read without an index."""


class Measured(Database):
    """The product's database, and what its writes cost."""

    def __init__(self, database: Database) -> None:
        self.name = database.name
        self._database = database
        self.work = Work()

    async def read(self, work: Callable[[Session], Result], *, brief: bool = False) -> Result:
        return await self._database.read(work, brief=brief)

    async def write(self, work: Callable[[Session], Result], *, brief: bool = False) -> Result:
        def watched(session: Session) -> Result:
            with (self._in_sqlite if self.name == "sqlite" else self._in_postgresql)(session):
                result = work(session)
                run_later(session)
            return result

        return await self._database.write(watched, brief=brief)

    @contextmanager
    def _in_sqlite(self, session: Session) -> Any:
        driver: Any = session.connection().connection.driver_connection
        driver.set_progress_handler(self._step, _STEPS_AT_ONCE)
        driver.set_trace_callback(self.work.statements.append)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)
            driver.set_trace_callback(None)

    @contextmanager
    def _in_postgresql(self, session: Session) -> Any:
        yield
        scanned, fetched = session.execute(_READ).one()
        self.work.scanned += scanned
        self.work.steps += scanned + fetched

    def _step(self) -> None:
        self.work.steps += _STEPS_AT_ONCE

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        return await self._database.migrate(work)

    async def close(self) -> None:
        await self._database.close()


async def fill(product: Product, chat: str, count: int, *, branching: bool) -> None:
    """Messages that were said before: each follows the one before it; or only the newest do, and all others are branches
    that part at the first.
    """
    ids = [new_id() for _ in range(count)]
    before: list[UUID | None] = [None, *ids[:-1]]
    if branching:
        before[1 : count - SHORT + 2] = [ids[0]] * (count - SHORT + 1)
    rows = [
        {"id": own, "chat_id": UUID(chat), "parent_id": parent, "role": ("user", "assistant")[number % 2]}
        | {"content": "Said before.", "status": "complete", "tokens_used": 0, "size_tokens": SIZE}
        | {"created_at": system_clock()}
        for number, (own, parent) in enumerate(zip(ids, before, strict=True))
    ]

    def work(session: Session) -> None:
        session.execute(insert(Message), rows)
        session.execute(update(Chat).where(Chat.id == UUID(chat)).values(leaf_id=ids[-1]))

    await product.database.write(work)


async def send(product: Product, user: Api, count: int, *, branching: bool) -> tuple[Work, int]:
    """What a send into such a chat costs, and how many messages go upstream."""
    chat, question = await user.new_chat(), f"Question number {count}?"
    await fill(product, chat, count, branching=branching)
    turns = cast(Turns, product.app.state.parts[Turns])
    usual = turns._database
    measured = turns._database = Measured(usual)
    try:
        await user.send(chat, question)
    finally:
        turns._database = usual
    (asked,) = questions_upstream(product, question)
    return measured.work, len(cast(dict[str, Any], asked.body)["messages"])


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
@pytest.mark.parametrize("branching", [False, True], ids=["linear", "branching"])
async def test_a_send_costs_what_it_sends_and_not_what_its_chat_has(product: Product, *, branching: bool) -> None:
    user = await product.user()
    await user.send(await user.new_chat(), "The first of the day, which costs a little more.")
    long, sent_of_long = await send(product, user, LONG, branching=branching)
    short, sent_of_short = await send(product, user, SHORT, branching=False)
    assert sent_of_long == sent_of_short > 10
    assert long.scanned == 0, "an index leads to each message"
    assert len(long.statements) == len(short.statements)
    assert long.steps < short.steps * 1.5
    if product.database.name == "postgresql":
        assert long.steps <= 4 * sent_of_long
