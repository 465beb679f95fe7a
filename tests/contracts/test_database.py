"""Both databases keep what they are given, forget what hung on it, and never half of a transaction."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from ai_chat.features.accounts.models import User
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from ai_chat.storage.tables import Base, ExactDecimal, UtcDateTime
from tests.contracts.records import NOW, chat, everything_of, message, user

SQLITE = sqlite.dialect()


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


async def count(database: Database, table: type[Base]) -> int:
    counted = select(func.count()).select_from(table)
    return await database.read(lambda session: session.execute(counted).scalar_one())


async def stored(database: Database, *rows: object) -> None:
    """One after the other: across features there are no relationships that would sort them."""

    def work(session: Session) -> None:
        for row in rows:
            session.add(row)
            session.flush()

    await database.write(work)


async def a_message(database: Database, **fields: object) -> Message:
    owner = user()
    owned = chat(owner.id)
    said = message(owned.id, **fields)
    said_id = said.id
    await stored(database, owner, owned, said)
    return await database.read(lambda session: session.get_one(Message, said_id))


@pytest.mark.parametrize(
    "content",
    ["", "Привет, мир!", "👨‍👩‍👧‍👦 🇷🇺", "שלום עולם مرحبا", "e\u0301 \u202e \ufeff \u2028", "'; DROP TABLE users; --", "x" * 1_000_000, "\x01\x1f\x7f"],
)  # fmt: skip
async def test_any_text_comes_back_as_it_went_in(content: str, database: Database) -> None:
    assert (await a_message(database, content=content)).content == content


async def test_a_moment_comes_back_aware_and_to_the_microsecond(database: Database) -> None:
    assert (await a_message(database)).created_at == NOW
    assert (await a_message(database)).created_at.utcoffset() == timedelta(0)


async def test_a_moment_of_another_zone_is_the_same_moment(database: Database) -> None:
    moscow = NOW.astimezone(timezone(timedelta(hours=3)))
    assert (await a_message(database, created_at=moscow)).created_at == NOW


async def test_moments_are_compared_as_moments(database: Database) -> None:
    said = await a_message(database)
    tokyo = timezone(timedelta(hours=9))
    earlier = select(Message.id).where(Message.created_at < (NOW + timedelta(seconds=1)).astimezone(tokyo))
    assert await database.read(lambda session: session.scalars(earlier).all()) == [said.id]
    later = select(Message.id).where(Message.created_at > NOW.astimezone(tokyo))
    assert await database.read(lambda session: session.scalars(later).all()) == []


async def test_a_naive_moment_is_refused(database: Database) -> None:
    with pytest.raises((TypeError, StatementError), match="naive datetime"):
        await a_message(database, created_at=datetime(2026, 7, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "cost", ["0", "0.1", "0.00012104999999999999", "6E-7", "123456789.123456789123456789", "1E+3", None]
)
async def test_a_cost_loses_no_digit(cost: str | None, database: Database) -> None:
    wanted = None if cost is None else Decimal(cost)
    assert (await a_message(database, cost_usd=wanted)).cost_usd == wanted


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=14))])))
def test_every_moment_survives_the_column_type_of_sqlite(moment: datetime) -> None:
    try:
        bound = UtcDateTime().process_bind_param(moment, SQLITE)
    except OverflowError:
        return
    assert UtcDateTime().process_result_value(bound, SQLITE) == moment


@given(st.decimals(allow_nan=False, allow_infinity=False, places=20, min_value=0, max_value=1000))
def test_every_decimal_survives_its_column_type(value: Decimal) -> None:
    bound = ExactDecimal().process_bind_param(value, SQLITE)
    assert ExactDecimal().process_result_value(bound, SQLITE) == value


async def test_structured_values_come_back(database: Database) -> None:
    extra = {"estimated": True, "слово": ["🦔", None, 1.5]}
    assert (await a_message(database, extra=extra)).extra == extra


async def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    def half(session: Session) -> None:
        session.add(user())
        session.flush()
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await database.write(half)
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


async def test_one_address_is_one_account(database: Database) -> None:
    await stored(database, user(email="a@example.com"))
    with pytest.raises(IntegrityError):
        await stored(database, user(email="a@example.com"))


async def test_a_message_cannot_be_sent_twice_under_one_client_id(database: Database) -> None:
    said = await a_message(database, client_message_id="c1")
    with pytest.raises(IntegrityError):
        await stored(database, message(said.chat_id, client_message_id="c1"))
    await stored(database, message(said.chat_id, client_message_id=None), message(said.chat_id, client_message_id=None))


async def test_the_ledgers_counts_cannot_become_negative(database: Database) -> None:
    owner = user()
    await stored(database, owner, *everything_of(owner.id))
    with pytest.raises(IntegrityError):
        await database.write(lambda session: session.execute(text("UPDATE usage_days SET reserved = -1")))


async def test_a_row_without_its_owner_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await stored(database, chat(new_id()))


async def test_deleting_a_user_deletes_what_hangs_on_them_and_nothing_else(database: Database) -> None:
    leaving, staying = user(), user()
    await stored(database, leaving, *everything_of(leaving.id), staying, *everything_of(staying.id))
    one = delete(User).where(User.id == leaving.id)
    await database.write(lambda session: session.execute(one))
    for table in Base.registry.mappers:
        assert await count(database, table.class_) == 1, table.class_.__tablename__


async def test_deleting_a_chat_deletes_its_messages_and_keeps_the_ledger(database: Database) -> None:
    owner = user()
    await stored(database, owner, *everything_of(owner.id))
    await database.write(lambda session: session.execute(delete(Chat)))
    assert [await count(database, table) for table in (Message, Generation)] == [0, 0]
    assert {
        await count(database, mapper.class_)
        for mapper in Base.registry.mappers
        if "usage" in mapper.class_.__tablename__
    } == {1}


async def test_a_conversation_of_three_thousand_messages_can_be_deleted(database: Database) -> None:
    owner = user()
    owned = chat(owner.id)
    await stored(database, owner, owned)
    chat_id = owned.id

    def talk(session: Session) -> None:
        parent = None
        for _ in range(3000):
            said = message(chat_id, parent_id=parent)
            session.add(said)
            parent = said.id

    await database.write(talk)
    await database.write(lambda session: session.execute(delete(User)))
    assert await count(database, Message) == 0


async def test_two_hundred_writers_at_once_all_get_through(database: Database) -> None:
    owner = user()
    owned = chat(owner.id, title="0")
    await stored(database, owner, owned)
    chat_id = owned.id

    def work(session: Session, number: int) -> None:
        session.add(message(chat_id, content=str(number)))
        session.execute(update(Chat).where(Chat.id == chat_id).values(updated_at=NOW + timedelta(seconds=number)))

    async def write(number: int) -> None:
        await database.write(lambda session: work(session, number))

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


async def test_nul_is_refused_by_postgresql_which_is_why_it_never_comes_this_far(database: Database) -> None:
    if database.name == "postgresql":
        with pytest.raises(DBAPIError):
            await a_message(database, content="a\x00b")
