"""Both databases keep what they are given, forget what hung on it, and never half of a transaction."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime, delete, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from ai_chat.storage.tables import Base, ExactDecimal, UtcDateTime
from tests.contracts.database_rows import count, stored
from tests.contracts.records import NOW, chat, everything_of, generation, message, user

SQLITE = sqlite.dialect()


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
    ours, theirs = (
        UtcDateTime().dialect_impl(SQLITE).bind_processor(SQLITE),
        DateTime().dialect_impl(SQLITE).bind_processor(SQLITE),
    )
    assert ours is not None
    assert theirs is not None
    assert ours(moment) == theirs(bound)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=20, min_value=0, max_value=1000))
def test_every_decimal_survives_its_column_type(value: Decimal) -> None:
    bound = ExactDecimal().process_bind_param(value, SQLITE)
    assert ExactDecimal().process_result_value(bound, SQLITE) == value


@pytest.mark.parametrize(
    "extra",
    [{"estimated": True, "слово": ["🦔", None, 1.5], "": {}}, {"half of a pair": "\ud83e"}],
    ids=["any", "half"],
)
async def test_structured_values_come_back(extra: dict[str, object], database: Database) -> None:
    assert (await a_message(database, extra=extra)).extra == extra


async def test_one_address_is_one_account(database: Database) -> None:
    await stored(database, user(email="a@example.com"))
    with pytest.raises(IntegrityError):
        await stored(database, user(email="a@example.com"))


async def test_a_turn_cannot_be_started_twice_under_one_client_id(database: Database) -> None:
    said = await a_message(database)
    owner = await database.read(lambda session: session.get_one(Chat, said.chat_id).user_id)
    await stored(database, generation(said, owner, client_message_id="c1"))
    with pytest.raises(IntegrityError):
        await stored(database, generation(said, owner, client_message_id="c1"))
    await stored(database, generation(said, owner), generation(said, owner))


async def test_the_ledgers_counts_cannot_become_negative(database: Database) -> None:
    owner = user()
    await stored(database, owner, *everything_of(owner.id))
    with pytest.raises(IntegrityError):
        await database.write(lambda session: session.execute(text("UPDATE usage_days SET reserved = -1")))


async def test_a_row_without_its_owner_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await stored(database, chat(new_id()))


OF_NOBODY = {
    # The books: what was sold, paid and done stays when a person goes.
    "orders", "payments", "refunds", "grants", "payment_notifications", "ledger_transactions", "ledger_entries",
    "audit_log", "mails",
    # Deleted by the sweep of files, after what is stored of it.
    "file_contents",
    # The operator's.
    "search_queue", "promo_codes", "plan_prices", "periodic_jobs", "exchange_rates", "usage_spend_days",
}  # fmt: skip
"""Tables whose rows do not go with a user."""


async def test_deleting_a_user_deletes_what_hangs_on_them_and_nothing_else(database: Database) -> None:
    leaving, staying = user(), user()
    await stored(database, leaving, *everything_of(leaving.id), staying, *everything_of(staying.id))
    one = delete(User).where(User.id == leaving.id)
    await database.write(lambda session: session.execute(one))
    for table in Base.registry.mappers:
        if table.class_.__tablename__ not in OF_NOBODY:
            assert await count(database, table.class_) == 1, table.class_.__tablename__


async def test_deleting_a_chat_deletes_its_messages_and_keeps_the_ledger(database: Database) -> None:
    owner = user()
    await stored(database, owner, *everything_of(owner.id))
    await database.write(lambda session: session.execute(delete(Chat)))
    assert [await count(database, table) for table in (Message, Generation)] == [0, 0]
    assert {
        await count(database, mapper.class_)
        for mapper in Base.registry.mappers
        if "usage" in mapper.class_.__tablename__ and mapper.class_.__tablename__ not in OF_NOBODY
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


async def test_nul_is_refused_by_postgresql_which_is_why_it_never_comes_this_far(database: Database) -> None:
    if database.name == "postgresql":
        with pytest.raises(DBAPIError):
            await a_message(database, content="a\x00b")
