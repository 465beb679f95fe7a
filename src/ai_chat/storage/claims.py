"""Rows as jobs: a row falls due, one worker claims it for a while, and whoever dies holding it loses it when the while is over.

Any number of workers may claim from the same table. What a claim protects must still be safe to do twice: a lease can end
while its owner is only slow.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

Job = Any
"""A mapped class with `id` and `claimed_until`."""


def free(model: type[Job], now: datetime) -> ColumnElement[bool]:
    """Nobody has the row at `now`."""
    return or_(model.claimed_until.is_(None), model.claimed_until <= now)


def claim_due(
    session: Session,
    model: type[Job],
    due: ColumnElement[bool],
    *,
    first: ColumnElement[object] | InstrumentedAttribute[datetime | None],
    now: datetime,
    lease: timedelta,
    limit: int = 20,
) -> Sequence[UUID]:
    """Ids of rows that are `due` and nobody has, now ours until the lease ends. (SQLite's writers take turns: it ignores
    SKIP LOCKED and does not need it.)
    """
    query = select(model.id).where(due, free(model, now)).order_by(first).limit(limit)
    ids = session.scalars(query.with_for_update(skip_locked=True)).all()
    if ids:
        session.execute(update(model).where(model.id.in_(ids)).values(claimed_until=now + lease))
    return ids


def claim_one(session: Session, model: type[Job], row_id: UUID, *, now: datetime, lease: timedelta) -> bool:
    """Claims one row by its id; False where somebody has it."""
    claimed = session.execute(
        update(model).where(model.id == row_id, free(model, now)).values(claimed_until=now + lease).returning(model.id)
    )
    return claimed.one_or_none() is not None
