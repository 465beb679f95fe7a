"""The operator's daily budget holds with any number of workers, on both databases."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from ai_chat.features.usage.spending import TYPICAL_ANSWER, TYPICAL_PROMPT, Spending
from ai_chat.kernel.errors import ErrorCode, UnavailableUntil
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from tests.api.helpers import captured_logs

TOKEN = Decimal("0.000001")
ESTIMATE = TOKEN * (TYPICAL_PROMPT + TYPICAL_ANSWER)
"""What a message is taken to cost: a tenth of a cent."""


class Watch:
    def __init__(self) -> None:
        self.now = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def prices(model: str, _source: str) -> tuple[Decimal, Decimal] | None:
    return None if model == "free" else (TOKEN, TOKEN)


async def worker(database: Database, limit: Decimal | None, clock: Callable[[], datetime] | None = None) -> Spending:
    spending = Spending(database, limit, ZoneInfo("Europe/Moscow"), clock or Watch())
    spending.consult(prices)
    await spending.open(alone=False)
    return spending


async def send(database: Database, spending: Spending, model: str = "paid") -> UUID | None:
    """A message's id, or None where the budget is used up."""
    entry = new_id()
    try:
        await database.write(lambda session: spending.take(session, entry, model, "openrouter"))
    except UnavailableUntil:
        return None
    return entry


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_hundred_at_once_take_no_more_than_the_limit_and_one_estimate(database: Database, workers: int) -> None:
    limit = ESTIMATE * 20
    team = [await worker(database, limit) for _ in range(workers)]
    sent = await asyncio.gather(*(send(database, team[number % workers]) for number in range(100)))
    running = [entry for entry in sent if entry is not None]
    assert len(running) * ESTIMATE <= limit + ESTIMATE
    assert len(running) >= 20 - workers  # what a purse keeps is little
    for member in team:
        await member.look_after()
    assert await send(database, team[0]) is None


async def test_exactly_the_limit_can_be_spent_by_one_worker(database: Database) -> None:
    spending = await worker(database, ESTIMATE * 10)
    sent = 0
    while (entry := await send(database, spending)) is not None:
        spending.settle(entry, ESTIMATE / 3)
        sent += 1
    assert sent == 30


async def test_the_first_message_of_a_small_limit_is_sent_and_the_second_waits_for_what_it_costs(
    database: Database,
) -> None:
    spending = await worker(database, Decimal("0.001"))
    first = await send(database, spending)
    assert first is not None
    assert await send(database, spending) is None
    spending.settle(first, Decimal("0.0004"))
    assert await send(database, spending) is not None


async def test_a_message_that_cost_more_than_it_was_taken_for_closes_the_day_for_all_workers(
    database: Database,
) -> None:
    one, other = await worker(database, Decimal(1)), await worker(database, Decimal(1))
    entry = await send(database, one)
    assert entry is not None
    one.settle(entry, Decimal(2))
    assert one.outage("openrouter", "paid", free=False) is not None
    await one.look_after()
    await other.look_after()
    assert await send(database, other) is None
    assert other.outage("openrouter", "paid", free=False) is not None
    assert other.outage("openrouter", "free", free=True) is None
    assert other.outage("openai_compatible", "any", free=False) is None


async def test_what_was_refused_or_rolled_back_costs_nothing(database: Database) -> None:
    spending = await worker(database, ESTIMATE * 3)

    def work(session: Session) -> None:
        spending.take(session, new_id(), "paid", "openrouter")
        raise RuntimeError

    for _ in range(20):
        with pytest.raises(RuntimeError):
            await database.write(work)
    assert [await send(database, spending) is not None for _ in range(4)] == [True, True, True, False]


async def test_models_without_a_price_go_on_and_a_limit_of_nothing_closes_the_others(database: Database) -> None:
    spending = await worker(database, Decimal(0))
    assert await send(database, spending, "free") is not None
    assert await send(database, spending) is None
    assert spending.outage("openrouter", "paid", free=False) is not None


async def test_without_a_limit_nothing_closes(database: Database) -> None:
    spending = await worker(database, None)
    entry = await send(database, spending)
    assert entry is not None
    spending.settle(entry, Decimal(1000))
    assert await send(database, spending) is not None
    assert not spending.reached


async def test_the_next_day_has_a_budget_of_its_own(database: Database) -> None:
    watch = Watch()
    spending = await worker(database, ESTIMATE, watch)
    entry = await send(database, spending)
    assert entry is not None
    assert await send(database, spending) is None
    watch.now += timedelta(days=1)
    assert await send(database, spending) is not None
    spending.settle(entry, ESTIMATE * 100)  # yesterday's
    await spending.look_after()
    assert spending.reached  # by today's own


async def test_a_cost_that_is_known_later_counts(database: Database) -> None:
    watch = Watch()
    spending = await worker(database, Decimal(1), watch)
    entry = await send(database, spending)
    assert entry is not None
    spending.settle(entry, Decimal("0.001"))
    spending.correct(datetime(2026, 7, 1, tzinfo=UTC).date(), Decimal("0.001"), Decimal(3))
    assert spending.reached
    assert await send(database, spending) is None


async def test_the_operator_is_told_once_and_people_when_it_opens(database: Database) -> None:
    team = [await worker(database, Decimal(0)) for _ in range(3)]
    with captured_logs() as logs:
        for member in team * 2:
            await member.look_after()
    assert logs.getvalue().count("DAILY_SPEND_LIMIT_USD is reached") == 1
    with pytest.raises(UnavailableUntil) as refusal:
        await database.write(lambda session: team[0].take(session, new_id(), "paid", "openrouter"))
    assert refusal.value.code is ErrorCode.MODEL_UNAVAILABLE
    assert refusal.value.resets_at == datetime(2026, 7, 1, 21, 0, tzinfo=UTC)
    assert "pay" not in refusal.value.message


async def test_a_purse_is_given_back_when_its_worker_ends(database: Database) -> None:
    one = await worker(database, ESTIMATE * 1000)
    entry = await send(database, one)
    assert entry is not None
    one.settle(entry, ESTIMATE)
    await one.close()
    other = await worker(database, ESTIMATE * 1000)
    await other.look_after()
    assert other._taken == ESTIMATE * 10**12
