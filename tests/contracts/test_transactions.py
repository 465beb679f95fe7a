"""Transactions of both databases: whole or nothing, one writer at a time where it must be, readers beside."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from ai_chat.features.accounts.models import User
from ai_chat.features.chats.models import Chat, Message
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from tests.contracts.database_rows import count, stored
from tests.contracts.records import NOW, chat, message, user


class Middle:
    """The middle of a transaction, which a test can hold open: the function stands there until it may go on."""

    def __init__(self, database: Database) -> None:
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()
        self._own_thread = database.name == "sqlite"
        self._loop = asyncio.get_running_loop()

    def hold(self) -> None:
        """To be called by the function. It waits as its statements do: its thread on SQLite, its greenlet on PostgreSQL."""
        if self._own_thread:
            asyncio.run_coroutine_threadsafe(self._stand(), self._loop).result(timeout=30)
        else:
            await_only(self._stand())

    async def _stand(self) -> None:
        self.reached.set()
        await self.go_on.wait()


@pytest.mark.parametrize("brief", [False, True])
async def test_a_write_that_fails_leaves_nothing(database: Database, *, brief: bool) -> None:
    def half(session: Session) -> None:
        session.add(user())
        session.flush()
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await database.write(half, brief=brief)
    assert await count(database, User) == 0


async def test_a_write_that_cannot_be_committed_leaves_nothing(database: Database) -> None:
    def orphan(session: Session) -> None:
        session.add(user())
        session.flush()
        session.add(chat(new_id()))  # is sent by the commit, and refused

    with pytest.raises(IntegrityError):
        await database.write(orphan)
    assert await count(database, User) == 0


async def test_what_a_transaction_returns_is_its_answer(database: Database) -> None:
    def work(session: Session) -> UUID:
        owner = user()
        session.add(owner)
        return owner.id

    written = await database.write(work)
    assert await database.read(lambda session: session.scalars(select(User.id)).all()) == [written]


async def test_rows_can_be_looked_at_after_their_transaction(database: Database) -> None:
    def work(session: Session) -> User:
        owner = user(full_name="Anna")
        session.add(owner)
        return owner

    assert (await database.write(work)).full_name == "Anna"
    assert (await database.read(lambda session: session.scalars(select(User)).one())).full_name == "Anna"


async def test_a_write_that_is_cancelled_is_whole_or_nothing_and_blocks_nobody(database: Database) -> None:
    """On SQLite its thread cannot be stopped: it ends and commits. On PostgreSQL the server is told to stop."""
    middle = Middle(database)

    def work(session: Session) -> None:
        session.add(user())
        session.flush()
        middle.hold()
        session.add(user())

    task = asyncio.create_task(database.write(work))
    await middle.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    middle.go_on.set()
    async with asyncio.timeout(5):
        await stored(database, user())
    assert await count(database, User) == (3 if database.name == "sqlite" else 1)


async def test_a_write_that_is_cancelled_while_the_database_works_blocks_nobody(database: Database) -> None:
    endless = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT max(i) FROM n",
        "postgresql": "SELECT pg_sleep(60)",
    }[database.name]

    def work(session: Session) -> None:
        session.add(user())
        session.flush()
        session.execute(text(endless))
        session.add(user())

    task = asyncio.create_task(database.write(work))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        await stored(database, user())
    assert await count(database, User) in (1, 3)


async def test_a_read_that_is_cancelled_blocks_nobody(database: Database) -> None:
    middles = [Middle(database) for _ in range(2)]

    async def read(middle: Middle) -> None:
        def work(session: Session) -> None:
            session.scalars(select(User)).all()
            middle.hold()

        await database.read(work)

    tasks = [asyncio.create_task(read(middle)) for middle in middles]
    for middle, task in zip(middles, tasks, strict=True):
        await middle.reached.wait()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for middle in middles:
        middle.go_on.set()
    async with asyncio.timeout(5):
        for _ in range(30):  # more than there are connections
            assert await count(database, User) == 0


@pytest.mark.parametrize("brief", [False, True])
async def test_two_hundred_writers_at_once_all_get_through(database: Database, *, brief: bool) -> None:
    owner = user()
    owned = chat(owner.id, title="0")
    await stored(database, owner, owned)
    chat_id = owned.id

    def work(session: Session, number: int) -> None:
        session.add(message(chat_id, content=str(number)))
        session.execute(update(Chat).where(Chat.id == chat_id).values(updated_at=NOW + timedelta(seconds=number)))

    async def write(number: int) -> None:
        await database.write(lambda session: work(session, number), brief=brief)

    async with asyncio.timeout(60):
        await asyncio.gather(*(write(number) for number in range(200)))
    assert await count(database, Message) == 200


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    owner, middle = user(), Middle(database)
    await stored(database, owner)

    def work(session: Session) -> None:
        session.execute(update(User).values(full_name="Writing"))
        middle.hold()

    async def name() -> str | None:
        return await database.read(lambda session: session.scalar(select(User.full_name)))

    writing = asyncio.create_task(database.write(work))
    await middle.reached.wait()
    async with asyncio.timeout(2):
        assert await name() is None
    middle.go_on.set()
    await writing
    assert await name() == "Writing"


async def test_a_write_that_waits_for_its_turn_sees_what_the_one_before_it_did(database: Database) -> None:
    owner, middle = user(full_name="0"), Middle(database)
    await stored(database, owner)

    def add_one(session: Session, *, slowly: bool = False) -> None:
        name = session.scalars(select(User.full_name).with_for_update()).one()
        if slowly:
            middle.hold()
        session.execute(update(User).values(full_name=str(int(name or "") + 1)))

    first = asyncio.create_task(database.write(lambda session: add_one(session, slowly=True)))
    await middle.reached.wait()
    others = [asyncio.create_task(database.write(add_one)) for _ in range(5)]
    await asyncio.sleep(0.1)
    assert not any(task.done() for task in (first, *others))
    middle.go_on.set()
    async with asyncio.timeout(10):
        await asyncio.gather(first, *others)
    assert await database.read(lambda session: session.scalar(select(User.full_name))) == "6"
