"""The operator's daily budget: when the answers of a day have cost so much, models that cost money close until midnight.

What has been spent and what is running together stay within the limit, but for one message's estimate, whatever the number of
workers. One row a day says how much has been *taken*. A message that would lock that row until its transaction ends would
make all others wait, so each worker takes a little in advance into a purse in memory and pays its messages from it; near the
limit it keeps none, and every message asks the row. A worker that is killed leaves what it had taken as spent, which errs on
the safe side, until the day ends.

Amounts are whole trillionths of a dollar: databases add integers exactly.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from ai_chat.features.catalog.ports import Outage, SourceName
from ai_chat.features.usage.models import SpendDay, UsageEntry
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import UnavailableUntil
from ai_chat.kernel.metrics import gauge
from ai_chat.storage.database import Database, on_commit, on_rollback
from ai_chat.storage.upserts import InsertIfMissing

TYPICAL_PROMPT, TYPICAL_ANSWER = 500, 500
"""Tokens that a message is taken to need while nobody knows better."""
LOOK_SECONDS = 1.0
_MESSAGES_AHEAD = 32
_CAREFUL = Decimal("0.8")
"""From this part of the limit on, nothing is taken in advance."""
_PARTS = 50
"""No more than such a part of the limit is taken in advance at once."""
_TRILLION = 10**12
_NO_LIMIT = 2**62

SPENT = gauge("ai_chat_spend_today_usd", "What this day's answers have cost, those that run included, in US dollars.")
REACHED = gauge("ai_chat_spend_limit_reached", "1 while DAILY_SPEND_LIMIT_USD keeps models that cost money closed.")

PricesOf = Callable[[str, str], tuple[Decimal, Decimal] | None]
"""What a token of the prompt and of the answer costs at this model of this source; None where it costs nothing."""

_table = cast("Table", SpendDay.__table__)
_entries = cast("Table", UsageEntry.__table__)
_OPEN_DAY = InsertIfMissing(_table, {"day": bindparam("date"), "taken": bindparam("amount")})
_TAKE = (
    update(_table)
    .where(_table.c.day == bindparam("date"), _table.c.taken - bindparam("purse") < bindparam("limit"))
    .values(taken=_table.c.taken + bindparam("amount"))
    .returning(_table.c.taken)
)
_ADD = (
    update(_table)
    .where(
        _table.c.day == bindparam("date"),
        _table.c.taken + bindparam("owed") + bindparam("amount") <= bindparam("limit"),
    )
    .values(taken=_table.c.taken + bindparam("amount"))
    .returning(_table.c.taken)
)
_SET = update(_table).where(_table.c.day == bindparam("date")).values(taken=bindparam("amount"))
_TAKEN = select(_table.c.taken).where(_table.c.day == bindparam("date"))
_ALERT = (
    update(_table)
    .where(_table.c.day == bindparam("date"), _table.c.reached_at.is_(None))
    .values(reached_at=bindparam("now"))
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Hold:
    """What a running message has been taken to cost."""

    day: date
    amount: int


class Spending:
    """The budget of the day and this worker's purse. `limit` None: there is no limit, but it is counted all the same.

    Transactions run on threads and on the event loop: what is in memory is changed under a lock, never longer than a moment.
    """

    def __init__(self, database: Database, limit: Decimal | None, zone: ZoneInfo, clock: Clock) -> None:
        self._database = database
        self._limit = _NO_LIMIT if limit is None else _trillionths(limit)
        self._zone = zone
        self._clock = clock
        self._prices_of: PricesOf = lambda _model, _source: None
        self._lock = threading.Lock()
        self._day = self._today()
        self._purse = 0
        self._taken = 0
        """What the day's row said last."""
        self._holds: dict[UUID, _Hold] = {}
        self._last = 0
        """What the newest message was taken to cost."""

    def consult(self, prices_of: PricesOf) -> None:
        """Who knows what models cost."""
        self._prices_of = prices_of

    # A message's side

    def take(self, session: Session, entry_id: UUID, model: str, source: str) -> None:
        """Reserves a message's estimate in the caller's transaction; UnavailableUntil where the day's budget is used up."""
        prices = self._prices_of(model, source)
        if prices is None:
            return
        amount = _trillionths(prices[0] * TYPICAL_PROMPT + prices[1] * TYPICAL_ANSWER)
        with self._lock:
            self._turn_page()
            self._last = amount
            from_purse = min(amount, max(self._purse, 0))
            enough = from_purse == amount and self._taken - self._purse < self._limit
            purse = self._purse
            self._purse -= from_purse
            self._holds[entry_id] = _Hold(self._day, amount)

        def give_back() -> None:
            with self._lock:
                hold = self._holds.pop(entry_id, None)
                if hold is not None and hold.day == self._day:
                    self._purse += from_purse

        on_rollback(session, give_back)
        if not enough:
            self._ask_the_row(session, amount - from_purse, purse)

    def _ask_the_row(self, session: Session, missing: int, purse: int) -> None:
        connection, day = session.connection(), self._day
        _OPEN_DAY.execute(connection, {"date": day, "amount": 0})
        taken, ahead = None, min(_MESSAGES_AHEAD * missing, self._limit // _PARTS)
        if ahead > missing:
            asked = {
                "date": day,
                "amount": missing + ahead,
                "owed": max(0, -purse),
                "limit": int(self._limit * _CAREFUL),
            }
            taken = connection.execute(_ADD, asked).scalar_one_or_none()
        if taken is None:
            ahead = 0
            asked = {"date": day, "purse": purse, "limit": self._limit, "amount": missing}
            taken = connection.execute(_TAKE, asked).scalar_one_or_none()
        if taken is None:
            outage = self._outage()
            raise UnavailableUntil(outage.reason, resets_at=outage.until, now=self._clock())

        def keep() -> None:
            with self._lock:
                if day == self._day:
                    self._taken = taken
                    self._purse += ahead

        on_commit(session, keep)

    def settle(self, entry_id: UUID, cost: Decimal | None) -> None:
        """The message has ended. A cost that nobody knows stays what it was taken to be."""
        with self._lock:
            hold = self._holds.pop(entry_id, None)
            if hold is not None and hold.day == self._day and cost is not None:
                self._purse += hold.amount - _trillionths(cost)

    def cost_of(self, model: str, source: str, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
        """What an answer costs by today's prices; None where nobody knows."""
        prices = self._prices_of(model, source)
        return prices and prices[0] * prompt_tokens + prices[1] * completion_tokens

    def correct(self, day: date, before: Decimal | None, after: Decimal) -> None:
        """The provider has said later what a message has cost."""
        with self._lock:
            if day == self._day and before is not None:
                self._purse -= _trillionths(after) - _trillionths(before)

    def outage(self, source: SourceName, _model_id: str, *, free: bool) -> Outage | None:
        """Implements the catalogue's `Gate`: OpenRouter's models that cost money, while the budget is used up."""
        return self._outage() if not free and source == "openrouter" and self.reached else None

    @property
    def reached(self) -> bool:
        """Whether the day's budget is used up, as far as this worker knows."""
        return self._day == self._today() and self._taken - self._purse >= self._limit

    def _outage(self) -> Outage:
        midnight = datetime.combine(self._today() + timedelta(days=1), time.min, self._zone).astimezone(UTC)
        words = "This server's budget for today is used up; it opens again at midnight. Models without a price go on."
        return Outage(words, midnight)

    # The purse's side

    async def open(self, *, alone: bool) -> None:
        """At start: the day's row, from the ledger where it is new, or where no other process can have taken from it."""

        def work(session: Session) -> int:
            connection, day = session.connection(), self._today()
            costs = connection.execute(
                select(_entries.c.cost_usd).where(_entries.c.day == day, _entries.c.cost_usd.is_not(None))
            ).scalars()
            spent = sum(map(_trillionths, costs), 0)
            _OPEN_DAY.execute(connection, {"date": day, "amount": spent})
            if alone:
                connection.execute(_SET, {"date": day, "amount": spent})
            return int(connection.execute(_TAKEN, {"date": day}).scalar_one())

        self._taken = await self._database.write(work)

    async def run(self) -> None:
        """Looks after the purse for ever; a task of the application's."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look_after()
            except Exception:
                log.exception("the day's budget could not be looked after")

    async def close(self) -> None:
        """Gives back what is in the purse."""
        await self.look_after(close=True)

    async def look_after(self, *, close: bool = False) -> None:
        """Pays the row what the purse owes, returns what is not needed, and tells the operator once where the limit is reached."""
        with self._lock:
            self._turn_page()
            day = self._day
            careful = close or self._taken >= self._limit * _CAREFUL
            enough = 0 if careful else min(2 * _MESSAGES_AHEAD * self._last, self._limit // _PARTS * 2)
            change = -self._purse if self._purse < 0 else min(0, enough - self._purse)
            self._purse += change

        def work(session: Session) -> tuple[int, bool]:
            connection = session.connection()
            _OPEN_DAY.execute(connection, {"date": day, "amount": 0})
            if change:
                connection.execute(_ADD, {"date": day, "amount": change, "owed": 0, "limit": 2**63 - 1})
            taken = int(connection.execute(_TAKEN, {"date": day}).scalar_one())
            over = taken - self._purse >= self._limit
            return taken, over and connection.execute(_ALERT, {"date": day, "now": self._clock()}).rowcount == 1

        try:
            if change or self._taken - self._purse >= self._limit:
                taken, first = await self._database.write(work)
            else:
                taken, first = await self._database.read(lambda session: _taken_of(session, day)), False
        except BaseException:
            with self._lock:
                self._purse -= change
            raise
        with self._lock:
            if day == self._day:
                self._taken = taken
        SPENT.set((self._taken - self._purse) / _TRILLION)
        REACHED.set(float(self.reached))
        if first:
            log.error(
                "DAILY_SPEND_LIMIT_USD is reached: models that cost money are closed until midnight",
                limit_usd=self._limit / _TRILLION,
                resets_at=self._outage().until.isoformat(),
            )

    def _turn_page(self) -> None:
        """A new day has a budget of its own; what runs since yesterday belongs to yesterday."""
        if (today := self._today()) != self._day:
            self._day, self._purse, self._taken = today, 0, 0

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()


def _taken_of(session: Session, day: date) -> int:
    return int(session.connection().execute(_TAKEN, {"date": day}).scalar_one_or_none() or 0)


def _trillionths(dollars: Decimal) -> int:
    return int((dollars * _TRILLION).to_integral_value(ROUND_CEILING))
