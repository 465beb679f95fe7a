"""Both databases keep what they are given, forget what hung on it, and never half of a transaction."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from ai_chat.features.accounts.models import User
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from ai_chat.storage.tables import Base, ExactDecimal, UtcDateTime
from tests.contracts.records import NOW, chat, everything_of, message, user

SQLITE = sqlite.dialect()


async def count(database: Database, table: type[Base]) -> int:
    async with database.read() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def stored(database: Database, *rows: object) -> None:
    """One after the other: across features there are no relationships that would sort them."""
    async with database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def a_message(database: Database, **fields: object) -> Message:
    owner = user()
    owned = chat(owner.id)
    said = message(owned.id, **fields)
    await stored(database, owner, owned, said)
    async with database.read() as session:
        return await session.get_one(Message, said.id)


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
    async with database.read() as session:
        earlier = select(Message.id).where(Message.created_at < (NOW + timedelta(seconds=1)).astimezone(tokyo))
        assert (await session.scalars(earlier)).all() == [said.id]
        later = select(Message.id).where(Message.created_at > NOW.astimezone(tokyo))
        assert (await session.scalars(later)).all() == []


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
    async def half() -> None:
        async with database.write() as session:
            session.add(user())
            await session.flush()
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await half()
    assert await count(database, User) == 0


async def test_a_write_that_is_cancelled_leaves_nothing_and_blocks_nobody(database: Database) -> None:
    inside = asyncio.Event()

    async def endless() -> None:
        async with database.write() as session:
            session.add(user())
            await session.flush()
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(endless())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        await stored(database, user())
    assert await count(database, User) == 1


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
        async with database.write() as session:
            await session.execute(text("UPDATE usage_days SET reserved = -1"))


async def test_a_row_without_its_owner_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await stored(database, chat(new_id()))


async def test_deleting_a_user_deletes_what_hangs_on_them_and_nothing_else(database: Database) -> None:
    leaving, staying = user(), user()
    await stored(database, leaving, *everything_of(leaving.id), staying, *everything_of(staying.id))
    async with database.write() as session:
        await session.execute(delete(User).where(User.id == leaving.id))
    for table in Base.registry.mappers:
        assert await count(database, table.class_) == 1, table.class_.__tablename__


async def test_deleting_a_chat_deletes_its_messages_and_keeps_the_ledger(database: Database) -> None:
    owner = user()
    await stored(database, owner, *everything_of(owner.id))
    async with database.write() as session:
        await session.execute(delete(Chat))
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
    async with database.write() as session:
        parent = None
        for _ in range(3000):
            said = message(owned.id, parent_id=parent)
            session.add(said)
            parent = said.id
    async with database.write() as session:
        await session.execute(delete(User))
    assert await count(database, Message) == 0


async def test_two_hundred_writers_at_once_all_get_through(database: Database) -> None:
    owner = user()
    owned = chat(owner.id, title="0")
    await stored(database, owner, owned)

    async def write(number: int) -> None:
        async with database.write() as session:
            session.add(message(owned.id, content=str(number)))
            await session.execute(
                update(Chat).where(Chat.id == owned.id).values(updated_at=NOW + timedelta(seconds=number))
            )

    async with asyncio.timeout(60):
        await asyncio.gather(*(write(number) for number in range(200)))
    assert await count(database, Message) == 200


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    owner = user()
    await stored(database, owner)
    async with database.write() as session:
        await session.execute(update(User).values(full_name="Writing"))
        async with asyncio.timeout(2), database.read() as other:
            assert await other.scalar(select(User.full_name)) is None
    async with database.read() as session:
        assert await session.scalar(select(User.full_name)) == "Writing"


async def test_nul_is_refused_by_postgresql_which_is_why_it_never_comes_this_far(database: Database) -> None:
    if database.name == "postgresql":
        with pytest.raises(DBAPIError):
            await a_message(database, content="a\x00b")
