"""The books as they stand in the database of a server that runs beside."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.chats.models import Generation
from ai_chat.features.usage.models import LateCost, UsageDay, UsageEntry
from ai_chat.storage.opening import open_database


@dataclass(frozen=True)
class Books:
    """What the ledger says of everybody together."""

    states: dict[str, int]
    used: int
    reserved: int
    running: int
    """Generations that have not ended."""
    owed: int
    """Costs that are still being asked for."""
    cost: Decimal
    unsure: int
    """Entries whose cost is unknown or an estimate."""

    @property
    def settled_exactly(self) -> bool:
        return not (self.reserved or self.running or self.owed or self.unsure)


async def books_of(database_url: str | None, data_dir: Path) -> Books:
    database = await open_database(database_url, data_dir)

    def work(session: Session) -> Books:
        states = session.execute(select(UsageEntry.state, func.count()).group_by(UsageEntry.state)).all()
        used, reserved = session.execute(select(func.sum(UsageDay.used), func.sum(UsageDay.reserved))).one()
        costs: list[Any] = list(session.execute(select(UsageEntry.cost_usd, UsageEntry.estimated)))
        return Books(
            states={row[0]: row[1] for row in states},
            used=used or 0,
            reserved=reserved or 0,
            running=session.scalar(select(func.count()).where(Generation.status == "running")) or 0,
            owed=session.scalar(select(func.count()).select_from(LateCost)) or 0,
            cost=sum((cost for cost, _ in costs if cost is not None), Decimal(0)),
            unsure=sum(cost is None or estimated for cost, estimated in costs),
        )

    try:
        return await database.read(work)
    finally:
        await database.close()


def charged(emulator: Emulator) -> Decimal:
    """What the provider has charged for everything."""
    return sum(
        (Decimal(str(generation.describe()["total_cost"])) for generation in emulator.admin.generations()), Decimal(0)
    )


async def worker_of(database_url: str, generation_id: str) -> int:
    """The process that writes this answer."""
    database = await open_database(database_url, Path())
    query = select(Generation.worker).where(Generation.id == UUID(generation_id))
    try:
        return int(str(await database.read(lambda session: session.scalar(query))).split("-")[-2])
    finally:
        await database.close()
