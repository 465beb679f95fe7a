"""Who had paid Premium when, from the grants of payments. Time that follows on without a gap is one stay."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.billing.models import Grant, Order

_NO_GAP = timedelta(hours=1)

Stay = tuple[datetime, datetime]
"""From a moment up to another."""


@dataclass(frozen=True, slots=True)
class Subscribers:
    """Counts at the moments that were asked for, and who came and went between the first and the last of them."""

    active: Sequence[int]
    mrr: Sequence[int]
    """Kopecks a month of everybody who had paid time at that moment."""
    began: Sequence[int]
    """How many began since the moment before; the first is 0."""
    ended: int
    ids: frozenset[UUID]
    """Who has paid time at the last moment."""


def subscribers(session: Session, moments: Sequence[datetime]) -> Subscribers:
    """`moments` in their order, at least two."""
    query = (
        select(Grant.user_id, Grant.starts_at, Grant.ends_at, Grant.revoked_at, Order.price, Order.period)
        .join(Order, Order.id == Grant.order_id)
        .where(Grant.kind == "payment", Grant.ends_at > moments[0])
        .order_by(Grant.starts_at)
    )
    stays: dict[UUID, list[Stay]] = defaultdict(list)
    worth = [0] * (len(moments) + 1)
    for user_id, starts_at, ends_at, revoked_at, price, period in session.execute(query).all():
        if user_id is None or ends_at is None:
            continue
        end = min(ends_at, revoked_at) if revoked_at is not None else ends_at
        if end <= starts_at:
            continue
        _join(stays[user_id], (starts_at, end))
        _mark(worth, moments, (starts_at, end), price // (12 if period == "year" else 1))
    active, began, ended = [0] * (len(moments) + 1), [0] * len(moments), 0
    now, ids = moments[-1], set()
    for user_id, found in stays.items():
        for stay in found:
            _mark(active, moments, stay, 1)
            index = bisect_left(moments, stay[0])
            if 0 < index < len(moments):
                began[index] += 1
            if moments[0] < stay[1] <= now:
                ended += 1
        if found[-1][0] <= now < found[-1][1]:
            ids.add(user_id)
    count = len(moments)
    return Subscribers(list(accumulate(active))[:count], list(accumulate(worth))[:count], began, ended, frozenset(ids))


def _join(stays: list[Stay], added: Stay) -> None:
    """Adds a stay that begins no earlier than those before."""
    if stays and added[0] <= stays[-1][1] + _NO_GAP:
        stays[-1] = (stays[-1][0], max(stays[-1][1], added[1]))
    else:
        stays.append(added)


def _mark(changes: list[int], moments: Sequence[datetime], stay: Stay, amount: int) -> None:
    """Counts `amount` at every moment within the stay."""
    changes[bisect_left(moments, stay[0])] += amount
    changes[bisect_left(moments, stay[1])] -= amount
