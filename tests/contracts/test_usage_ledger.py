"""The quota is a ledger: whatever happens in whatever order, nothing is counted twice and no limit is overstepped."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.features.usage.models import ChatCreation, UsageDay, UsageEntry
from ai_chat.features.usage.plans import DEFAULT_PLANS, Plan
from ai_chat.features.usage.service import Spent, Usage
from ai_chat.kernel.errors import ErrorCode, LimitReached
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from tests.contracts.records import user

NOTHING = Spent(0, 0, None, estimated=False)
MOSCOW = ZoneInfo("Europe/Moscow")
SMALL = Plan("free", "Small", 0, messages_per_day=5, chats_per_hour=3, tokens_per_message=1, context_tokens=1)


class SetClock:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.now = datetime(2026, 7, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def usage(clock: SetClock) -> Usage:
    return Usage(DEFAULT_PLANS, MOSCOW, clock)


@pytest.fixture
async def person(database: Database) -> UUID:
    owner = user()
    await database.write(lambda session: session.add(owner))
    return owner.id


async def reserve(database: Database, usage: Usage, person: UUID, plan: Plan = SMALL) -> UUID | None:
    """The entry, or None where the limit was reached."""
    entry = new_id()
    try:
        await database.write(
            lambda session: usage.reserve_message(
                session, entry_id=entry, user_id=person, plan=plan, model="m", source="local"
            )
        )
    except LimitReached:
        return None
    return entry


async def end(database: Database, usage: Usage, entry: UUID, *, give_back: bool, spent: Spent = NOTHING) -> bool:
    return await database.write(lambda session: usage.settle(session, entry, spent, give_back=give_back))


async def new_chat(database: Database, usage: Usage, person: UUID) -> bool:
    try:
        await database.write(lambda session: usage.count_new_chat(session, person, SMALL))
    except LimitReached:
        return False
    return True


async def used(database: Database, usage: Usage, person: UUID, plan: Plan = SMALL) -> int:
    return (await database.read(lambda session: usage.messages_today(session, person, plan))).used


async def test_the_limit_is_reached_with_the_message_after_the_last(
    database: Database, usage: Usage, person: UUID
) -> None:
    results = [await reserve(database, usage, person) for _ in range(7)]
    assert [result is not None for result in results] == [True] * 5 + [False] * 2


async def test_a_refusal_says_how_much_is_used_and_when_the_day_ends(
    database: Database, usage: Usage, person: UUID, clock: SetClock
) -> None:
    for _ in range(5):
        await reserve(database, usage, person)
    with pytest.raises(LimitReached) as reached:
        await database.write(
            lambda session: usage.reserve_message(
                session, entry_id=new_id(), user_id=person, plan=SMALL, model="m", source="local"
            )
        )
    assert reached.value.code is ErrorCode.MESSAGE_LIMIT_REACHED
    assert (reached.value.limit, reached.value.used) == (5, 5)
    assert reached.value.resets_at == datetime(2026, 7, 1, 21, tzinfo=UTC)
    assert reached.value.retry_after == 9 * 3600


async def test_a_message_given_back_can_be_sent_again(database: Database, usage: Usage, person: UUID) -> None:
    entries = [await reserve(database, usage, person) for _ in range(5)]
    assert entries[0] is not None
    assert await end(database, usage, entries[0], give_back=True)
    assert await reserve(database, usage, person) is not None
    assert await reserve(database, usage, person) is None


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
async def test_only_the_first_end_counts(
    first: bool, second: bool, database: Database, usage: Usage, person: UUID
) -> None:
    entry = await reserve(database, usage, person)
    assert entry is not None
    assert await end(database, usage, entry, give_back=first)
    assert not await end(database, usage, entry, give_back=second)
    assert await used(database, usage, person) == (0 if first else 1)


async def test_an_entry_that_never_was_cannot_be_ended(database: Database, usage: Usage, person: UUID) -> None:
    assert not await end(database, usage, new_id(), give_back=False)


async def test_what_a_message_cost_is_recorded_also_when_it_is_given_back(
    database: Database, usage: Usage, person: UUID
) -> None:
    entry = await reserve(database, usage, person)
    assert entry is not None
    spent = Spent(10, 20, Decimal("0.00012104999999999999"), estimated=True)
    await end(database, usage, entry, give_back=True, spent=spent)
    row = await database.read(lambda session: session.get_one(UsageEntry, entry))
    assert (row.state, row.prompt_tokens, row.completion_tokens, row.estimated) == ("released", 10, 20, True)
    assert row.cost_usd == spent.cost_usd


async def test_a_new_day_begins_at_midnight_in_the_quotas_time_zone(
    database: Database, usage: Usage, person: UUID, clock: SetClock
) -> None:
    clock.now = datetime(2026, 7, 1, 20, 59, 59, tzinfo=UTC)
    for _ in range(5):
        await reserve(database, usage, person)
    assert await reserve(database, usage, person) is None
    clock.now += timedelta(seconds=1)
    assert await reserve(database, usage, person) is not None


async def test_a_message_belongs_to_the_day_it_was_sent_on(
    database: Database, usage: Usage, person: UUID, clock: SetClock
) -> None:
    entry = await reserve(database, usage, person)
    assert entry is not None
    clock.now += timedelta(days=1)
    assert await end(database, usage, entry, give_back=False)
    assert await used(database, usage, person) == 0
    clock.now -= timedelta(days=1)
    assert await used(database, usage, person) == 1


async def test_what_is_not_committed_is_not_reserved(database: Database, usage: Usage, person: UUID) -> None:
    def broken_off(session: Session) -> None:
        usage.reserve_message(session, entry_id=new_id(), user_id=person, plan=SMALL, model="m", source="local")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(broken_off)
    assert await used(database, usage, person) == 0


async def test_of_a_hundred_messages_at_one_instant_exactly_the_limit_passes(
    database: Database, usage: Usage, person: UUID
) -> None:
    entries = await asyncio.gather(*(reserve(database, usage, person) for _ in range(100)))
    assert len([entry for entry in entries if entry is not None]) == 5
    assert await used(database, usage, person) == 5


async def test_a_storm_of_sending_and_ending_leaves_the_books_right(
    database: Database, usage: Usage, person: UUID
) -> None:
    async def one(number: int) -> None:
        entry = await reserve(database, usage, person, DEFAULT_PLANS["free"])
        if entry is not None:
            ends = await asyncio.gather(
                *(end(database, usage, entry, give_back=give_back) for give_back in (number % 2 == 0, number % 3 == 0))
            )
            assert sum(ends) == 1

    await asyncio.gather(*(one(number) for number in range(80)))
    by_state = select(UsageEntry.state, func.count()).group_by(UsageEntry.state)
    day = await database.read(lambda session: session.scalars(select(UsageDay)).one())
    rows = await database.read(lambda session: session.execute(by_state).all())
    states = {row[0]: row[1] for row in rows}
    assert day.reserved == 0
    assert day.used == states.get("settled", 0) <= 50
    assert "reserved" not in states


async def test_of_many_chats_at_one_instant_exactly_the_limit_passes(
    database: Database, usage: Usage, person: UUID
) -> None:
    results = await asyncio.gather(*(new_chat(database, usage, person) for _ in range(30)))
    assert sum(results) == 3


async def test_chats_are_counted_in_a_sliding_hour(
    database: Database, usage: Usage, person: UUID, clock: SetClock
) -> None:
    for _ in range(3):
        assert await new_chat(database, usage, person)
        clock.now += timedelta(minutes=10)
    assert not await new_chat(database, usage, person)
    clock.now += timedelta(minutes=30)
    assert await new_chat(database, usage, person)
    assert not await new_chat(database, usage, person)


async def test_chats_that_no_longer_count_are_forgotten(
    database: Database, usage: Usage, person: UUID, clock: SetClock
) -> None:
    for _ in range(5):
        await new_chat(database, usage, person)
        clock.now += timedelta(hours=2)
    kept = select(func.count()).select_from(ChatCreation)
    assert await database.read(lambda session: session.scalar(kept)) == 1


async def test_one_persons_messages_are_not_anothers(database: Database, usage: Usage, person: UUID) -> None:
    other = user()
    await database.write(lambda session: session.add(other))
    for _ in range(5):
        await reserve(database, usage, person)
    assert await reserve(database, usage, other.id) is not None
