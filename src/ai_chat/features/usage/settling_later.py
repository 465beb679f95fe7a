"""What an answer cost, asked for later: after a stop, a cut connection or a killed process no usage has come.

Rows that fall due: any worker may claim one with a guarded update, asks the provider, and corrects the ledger, or lets the row
fall due again. Being unknown at first is normal for a provider's record.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Protocol, cast
from uuid import UUID

import structlog
from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from ai_chat.features.usage.key_caps import correct_cost as correct_key_cost
from ai_chat.features.usage.models import LateCost, UsageEntry
from ai_chat.features.usage.spending import Spending
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.metrics import counter
from ai_chat.storage.database import Database

LOOK_SECONDS = 1.0
FIRST_PAUSE = timedelta(seconds=1)
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 10, 30, 60, 300, 900, 3600))
GIVE_UP_AFTER = timedelta(hours=24)
_CLAIM = timedelta(seconds=60)
_AT_ONCE = 20

LATE = counter(
    "ai_chat_late_costs_total", "Costs of answers asked for after their end, by what became of it.", "result"
)

_table, _entries = cast("Table", LateCost.__table__), cast("Table", UsageEntry.__table__)
_DUE = select(LateCost).where(LateCost.due_at <= bindparam("now")).order_by(LateCost.due_at).limit(_AT_ONCE)
_TAKE = (
    update(_table)
    .where(_table.c.entry_id == bindparam("entry"), _table.c.due_at == bindparam("seen"))
    .values(due_at=bindparam("until"), attempts=_table.c.attempts + 1)
)
_AGAIN = update(_table).where(_table.c.entry_id == bindparam("entry")).values(due_at=bindparam("until"))
_FORGET = delete(_table).where(_table.c.entry_id == bindparam("entry"))
_CORRECT = (
    update(_entries)
    .where(_entries.c.id == bindparam("entry"), _entries.c.state != "reserved")
    .values(
        prompt_tokens=bindparam("prompt"),
        completion_tokens=bindparam("completion"),
        cost_usd=bindparam("cost"),
        estimated=False,
    )
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Charge:
    """What the provider has charged for an answer."""

    prompt_tokens: int
    completion_tokens: int
    cost_usd: Decimal


class CostSource(Protocol):
    """A provider that can be asked later what an answer has cost."""

    async def charge_of(self, answer_id: str) -> Charge | None:
        """None where it does not know, or not yet."""


class SettlingLater:
    """Asks for costs that are not known yet. `on_charge` changes, in the same transaction, whatever else shows the cost."""

    def __init__(
        self,
        database: Database,
        sources: Mapping[str, CostSource],
        spending: Spending,
        clock: Clock,
        on_charge: Callable[[Session, UUID, Charge], None],
    ) -> None:
        self._database = database
        self._sources = sources
        self._spending = spending
        self._clock = clock
        self._on_charge = on_charge

    async def run(self) -> None:
        """Asks for ever; a task of the application's."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.ask_due()
            except Exception:
                log.exception("asking for the cost of answers failed")

    async def ask_due(self) -> int:
        """Asks for all costs that are due; how many were found."""
        now = self._clock()
        due = await self._database.read(lambda session: session.scalars(_DUE, {"now": now}).all())
        mine = await self._claim(due) if due else []
        return sum(await asyncio.gather(*map(self._ask, mine)))

    async def _claim(self, due: Sequence[LateCost]) -> list[LateCost]:
        until = self._clock() + _CLAIM

        def work(session: Session) -> list[LateCost]:
            connection = session.connection()
            return [
                row
                for row in due
                if connection.execute(_TAKE, {"entry": row.entry_id, "seen": row.due_at, "until": until}).rowcount == 1
            ]

        return await self._database.write(work)

    async def _ask(self, row: LateCost) -> bool:
        source = self._sources.get(row.source)
        charge = await source.charge_of(row.answer_id) if source is not None else None
        if charge is not None:
            await self._database.write(lambda session: self._record(session, row, charge))
            LATE.add(1, "found")
            return True
        now = self._clock()
        if now - row.created_at > GIVE_UP_AFTER:
            log.warning("the provider never said what an answer cost; the estimate stays", answer=row.answer_id)
            await self._database.write(lambda session: session.connection().execute(_FORGET, {"entry": row.entry_id}))
            LATE.add(1, "given up")
            return False
        until = now + _PAUSES[min(row.attempts, len(_PAUSES) - 1)]
        await self._database.write(
            lambda session: session.connection().execute(_AGAIN, {"entry": row.entry_id, "until": until})
        )
        return False

    def _record(self, session: Session, row: LateCost, charge: Charge) -> None:
        connection = session.connection()
        before = connection.execute(
            select(_entries.c.cost_usd, _entries.c.day, _entries.c.api_key_id).where(_entries.c.id == row.entry_id)
        ).one_or_none()
        self._on_charge(session, row.entry_id, charge)  # first: rows are locked in the order of the whole product
        connection.execute(
            _CORRECT,
            {
                "entry": row.entry_id,
                "prompt": charge.prompt_tokens,
                "completion": charge.completion_tokens,
                "cost": charge.cost_usd,
            },
        )
        connection.execute(_FORGET, {"entry": row.entry_id})
        if before is not None and before.api_key_id is not None:
            correct_key_cost(connection, before.api_key_id, before.day, before.cost_usd, charge.cost_usd)
        if before is not None:
            self._spending.correct(before.day, before.cost_usd, charge.cost_usd)
