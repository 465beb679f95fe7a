"""The ledger under any order of sending, ending, waiting and changing plans, checked after every step."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.usage.models import UsageDay, UsageEntry
from ai_chat.features.usage.plans import DEFAULT_PLANS, Plan
from ai_chat.features.usage.service import Spent, Usage
from ai_chat.kernel.errors import LimitReached
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import open_database
from tests.contracts.records import user

Result = TypeVar("Result")
ZONE = ZoneInfo("Europe/Moscow")
FREE = Plan("free", "Free", 0, messages_per_day=3, chats_per_hour=1, tokens_per_message=1, context_tokens=1)
PREMIUM = Plan("premium", "Premium", 0, messages_per_day=6, chats_per_hour=1, tokens_per_message=1, context_tokens=1)


class LedgerMachine(RuleBasedStateMachine):
    """Beside the ledger in the database runs a model of two dictionaries."""

    entries = Bundle("entries")
    ended_entries = Bundle("ended_entries")
    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.now = datetime(2026, 7, 1, 12, tzinfo=UTC)
        self.plan = FREE
        self.usage = Usage(DEFAULT_PLANS, ZONE, lambda: self.now)
        self.days: dict[UUID, date] = {}
        self.states: dict[UUID, str] = {}
        self.highest: Counter[date] = Counter()

    def run(self, work: Coroutine[object, object, Result]) -> Result:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        async def prepare() -> None:
            self.database = await open_database(None, Path(self.folder.name))
            await migrate(self.database)
            self.person = user()
            await self.database.write(lambda session: session.add(self.person))

        self.run(prepare())

    def taken(self, day: date) -> int:
        return sum(self.days[entry] == day and state != "released" for entry, state in self.states.items())

    @rule(target=entries)
    def send(self) -> object:
        entry, day = new_id(), self.now.astimezone(ZONE).date()

        def reserve(session: Session) -> None:
            self.usage.reserve_message(
                session, entry_id=entry, user_id=self.person.id, plan=self.plan, model="m", source="local"
            )

        try:
            self.run(self.database.write(reserve))
            passed = True
        except LimitReached:
            passed = False
        assert passed == (self.taken(day) < self.plan.messages_per_day)
        if not passed:
            return multiple()
        self.days[entry], self.states[entry] = day, "reserved"
        self.highest[day] = max(self.highest[day], self.plan.messages_per_day)
        return entry

    @rule(target=ended_entries, entry=consumes(entries), give_back=st.booleans())
    def end(self, entry: UUID, give_back: bool) -> UUID:
        assert self.run(self._settle(entry, give_back=give_back))
        self.states[entry] = "released" if give_back else "settled"
        return entry

    @rule(entry=ended_entries, give_back=st.booleans())
    def end_again(self, entry: UUID, give_back: bool) -> None:
        assert not self.run(self._settle(entry, give_back=give_back))

    @rule(hours=st.integers(0, 30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(plan=st.sampled_from([FREE, PREMIUM]))
    def change_plan(self, plan: Plan) -> None:
        self.plan = plan

    async def _settle(self, entry: UUID, *, give_back: bool) -> bool:
        spent = Spent(1, 1, None, estimated=False)
        return await self.database.write(lambda session: self.usage.settle(session, entry, spent, give_back=give_back))

    @invariant()
    def the_books_are_right(self) -> None:
        if not hasattr(self, "database"):
            return

        def read(session: Session) -> tuple[dict[date, tuple[int, int]], dict[UUID, str]]:
            days = session.scalars(select(UsageDay)).all()
            entries = session.scalars(select(UsageEntry)).all()
            return {day.day: (day.used, day.reserved) for day in days}, {entry.id: entry.state for entry in entries}

        days, states = self.run(self.database.read(read))
        assert states == self.states
        for day, (used, reserved) in days.items():
            of_day = Counter(state for entry, state in states.items() if self.days[entry] == day)
            assert (used, reserved) == (of_day["settled"], of_day["reserved"])
            assert used + reserved <= self.highest[day]

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.run(self.database.close())
        self.runner.close()
        self.folder.cleanup()


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
