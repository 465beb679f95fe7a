"""The caps of an API key: exact for messages, closing for money, and never counted twice."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from ai_chat.features.accounts.models import ApiKey
from ai_chat.features.usage.key_caps import KeyCaps
from ai_chat.features.usage.plans import DEFAULT_PLANS, Plan
from ai_chat.features.usage.service import Spent, Usage
from ai_chat.kernel.errors import ErrorCode, LimitReached
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from tests.contracts.records import NOW, user
from tests.contracts.test_usage_ledger import MOSCOW, SetClock

ROOMY = Plan("free", "Roomy", 0, messages_per_day=20, chats_per_hour=3, tokens_per_message=1, context_tokens=1)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def usage(clock: SetClock) -> Usage:
    return Usage(DEFAULT_PLANS, MOSCOW, clock)


@pytest.fixture
async def key(database: Database) -> ApiKey:
    owner = user()
    made = ApiKey(
        id=new_id(), user_id=owner.id, name="K", key_hash="0" * 64, prefix="sk-aichat-", scopes=["chat"], created_at=NOW
    )  # fmt: skip

    def work(session: object) -> None:
        session.add(owner)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        session.add(made)  # type: ignore[attr-defined]

    await database.write(work)
    return made


async def reserve(database: Database, usage: Usage, key: ApiKey, caps: KeyCaps, plan: Plan = ROOMY) -> UUID:
    entry = new_id()
    await database.write(
        lambda session: usage.reserve_message(
            session, entry_id=entry, user_id=key.user_id, plan=plan, model="m", source="local", key=caps
        )
    )
    return entry


async def end(database: Database, usage: Usage, entry: UUID, cost: str | None, *, give_back: bool = False) -> bool:
    spent = Spent(1, 1, None if cost is None else Decimal(cost), estimated=False)
    return await database.write(lambda session: usage.settle(session, entry, spent, give_back=give_back))


async def use(database: Database, usage: Usage, key: ApiKey) -> tuple[int, Decimal]:
    found = await database.read(lambda session: usage.keys_use(session, [key.id]))
    return found[key.id].messages_today, found[key.id].spent_this_month_usd


async def test_of_many_at_once_only_as_many_as_the_cap_allows_are_sent(
    database: Database, usage: Usage, key: ApiKey
) -> None:
    caps = KeyCaps(key.id, 5, None)
    results = await asyncio.gather(*(reserve(database, usage, key, caps) for _ in range(15)), return_exceptions=True)
    assert sum(isinstance(result, UUID) for result in results) == 5
    refusals = [result for result in results if isinstance(result, LimitReached)]
    assert {(refused.code, refused.limit, refused.used) for refused in refusals} == {
        (ErrorCode.KEY_LIMIT_REACHED, 5, 5)
    }
    assert refusals[0].resets_at == datetime(2026, 7, 1, 21, tzinfo=UTC)
    left = await database.read(lambda session: usage.messages_today(session, key.user_id, ROOMY))
    assert left.used == 5, "what the key was refused is not taken from its owner"


async def test_what_is_given_back_to_the_key_can_be_sent_again(database: Database, usage: Usage, key: ApiKey) -> None:
    caps = KeyCaps(key.id, 1, None)
    entry = await reserve(database, usage, key, caps)
    assert await end(database, usage, entry, "0.5", give_back=True)
    assert await use(database, usage, key) == (0, Decimal("0.5"))
    await reserve(database, usage, key, caps)


async def test_a_message_is_counted_once_however_often_it_ends(database: Database, usage: Usage, key: ApiKey) -> None:
    entry = await reserve(database, usage, key, KeyCaps(key.id, None, None))
    ended = [await end(database, usage, entry, "0.0000000001") for _ in range(3)]
    assert ended == [True, False, False]
    assert await use(database, usage, key) == (1, Decimal("0.000000001")), "a cost is rounded up, never to nothing"


async def test_money_closes_the_key_until_the_next_month(
    database: Database, usage: Usage, key: ApiKey, clock: SetClock
) -> None:
    caps = KeyCaps(key.id, None, Decimal("1.50"))
    for cost in ("1.00", "0.49"):
        await end(database, usage, await reserve(database, usage, key, caps), cost)
    await end(database, usage, await reserve(database, usage, key, caps), "0.30")
    with pytest.raises(LimitReached) as reached:
        await reserve(database, usage, key, caps)
    assert (reached.value.code, reached.value.limit, reached.value.used) == (ErrorCode.KEY_LIMIT_REACHED, 150, 179)
    assert reached.value.resets_at == datetime(2026, 7, 31, 21, tzinfo=UTC)
    clock.now = datetime(2026, 7, 31, 21, tzinfo=UTC)
    await reserve(database, usage, key, caps)
    assert await use(database, usage, key) == (1, Decimal(0))


async def test_the_owner_s_limit_stands_above_the_key_s(database: Database, usage: Usage, key: ApiKey) -> None:
    tight = Plan("free", "Tight", 0, messages_per_day=1, chats_per_hour=3, tokens_per_message=1, context_tokens=1)
    await reserve(database, usage, key, KeyCaps(key.id, 5, None), tight)
    with pytest.raises(LimitReached) as reached:
        await reserve(database, usage, key, KeyCaps(key.id, 5, None), tight)
    assert reached.value.code is ErrorCode.MESSAGE_LIMIT_REACHED
