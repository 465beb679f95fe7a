"""The caps that a person has put on an API key: messages a day, and dollars a month. Kept beside the plan's limits.

The daily cap is exact, as the plan's is: its check is part of the statement that spends. What an answer costs is known only
at its end, so the monthly cap closes the key once it is reached; answers that are being written then are finished.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from ai_chat.features.usage.models import KeyDay
from ai_chat.kernel.errors import ErrorCode, LimitReached
from ai_chat.storage.upserts import InsertIfMissing

_NANO = Decimal(1_000_000_000)

_days = cast("Table", KeyDay.__table__)
_OPEN_DAY = InsertIfMissing(
    _days, {"key_id": bindparam("key"), "day": bindparam("date"), "messages": 0, "spent_nano_usd": 0}
)
_OF_DAY = (_days.c.key_id == bindparam("key"), _days.c.day == bindparam("date"))
_TAKE = update(_days).where(*_OF_DAY).values(messages=_days.c.messages + 1)
_TAKE_WITHIN = _TAKE.where(_days.c.messages < bindparam("limit"))
_COUNT = (
    update(_days)
    .where(*_OF_DAY)
    .values(
        messages=_days.c.messages - bindparam("returned"), spent_nano_usd=_days.c.spent_nano_usd + bindparam("nano")
    )
)
_SPENT = (
    select(func.coalesce(func.sum(_days.c.spent_nano_usd), 0))
    .where(_days.c.key_id == bindparam("key"), _days.c.day >= bindparam("first"), _days.c.day <= bindparam("date"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyCaps:
    """A key and what its owner lets it use; None where there is no cap."""

    key_id: UUID
    daily_messages: int | None
    monthly_spend_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a key has used of today and of this month."""

    messages_today: int
    spent_this_month_usd: Decimal


def take_message(connection: Connection, caps: KeyCaps, day: date, zone: ZoneInfo, now: datetime) -> None:
    """Takes one message of the key's day; KEY_LIMIT_REACHED where a cap does not allow it."""
    of_day = {"key": caps.key_id, "date": day}
    _OPEN_DAY.execute(connection, of_day)
    limit = caps.daily_messages
    taken = (
        connection.execute(_TAKE, of_day)
        if limit is None
        else connection.execute(_TAKE_WITHIN, of_day | {"limit": limit})
    )
    if limit is not None and taken.rowcount != 1:
        tomorrow = datetime.combine(day + timedelta(days=1), time.min, zone)
        raise LimitReached(ErrorCode.KEY_LIMIT_REACHED, limit=limit, used=limit, resets_at=tomorrow, now=now)
    if caps.monthly_spend_usd is None:
        return
    spent = _spent(connection, caps.key_id, day)
    if spent >= caps.monthly_spend_usd:
        next_month = datetime.combine((day.replace(day=1) + timedelta(days=32)).replace(day=1), time.min, zone)
        reached = LimitReached(
            ErrorCode.KEY_LIMIT_REACHED,
            limit=_cents(caps.monthly_spend_usd),
            used=_cents(spent),
            resets_at=next_month,
            now=now,
        )
        reached.message = "The API key has spent what its owner allows it in a month (limit and used are US cents)."
        raise reached


def count_message(connection: Connection, key_id: UUID, day: date, cost: Decimal | None, *, give_back: bool) -> None:
    """A message of the key's has ended: it counts or is given back; what it cost is spent in both cases."""
    connection.execute(_COUNT, {"key": key_id, "date": day, "returned": 1 if give_back else 0, "nano": _nano(cost)})


def correct_cost(connection: Connection, key_id: UUID, day: date, before: Decimal | None, after: Decimal) -> None:
    """The provider has said later what a message of the key's has cost."""
    nano = _nano(after) - _nano(before)
    if nano:
        connection.execute(_COUNT, {"key": key_id, "date": day, "returned": 0, "nano": nano})


def use_of_keys(session: Session, key_ids: Sequence[UUID], day: date) -> dict[UUID, KeyUse]:
    """What each of these keys has used; keys that have used nothing are left out."""
    rows = session.execute(
        select(
            KeyDay.key_id,
            func.sum(KeyDay.spent_nano_usd),
            func.max(KeyDay.messages).filter(KeyDay.day == day),
        )
        .where(KeyDay.key_id.in_(key_ids), KeyDay.day >= day.replace(day=1), KeyDay.day <= day)
        .group_by(KeyDay.key_id)
    )
    return {key_id: KeyUse(messages or 0, _dollars(spent)) for key_id, spent, messages in rows}


def _spent(connection: Connection, key_id: UUID, day: date) -> Decimal:
    asked = {"key": key_id, "first": day.replace(day=1), "date": day}
    return _dollars(connection.execute(_SPENT, asked).scalar_one())


def _nano(cost: Decimal | None) -> int:
    return int(((cost or Decimal(0)) * _NANO).to_integral_value(ROUND_CEILING))


def _dollars(nano: int) -> Decimal:
    return Decimal(nano) / _NANO


def _cents(dollars: Decimal) -> int:
    return int(dollars * 100)
