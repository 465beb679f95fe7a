"""Calendar arithmetic of paid time: a month is a month, in the zone where people read their calendars.

A subscription has an anchor day, the day of the month on which it was bought. 31 January + 1 month is 28 (or 29) February,
and the month after that ends on 31 March again: counting goes from the anchor, so that no month makes the period shorter
for ever. The time of day is kept by the local clock.
"""

from calendar import monthrange
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Period = Literal["month", "year"]
_MONTHS: dict[Period, int] = {"month": 1, "year": 12}


def anchor_day(moment: datetime, zone: ZoneInfo) -> int:
    """The day of the month that later periods end on."""
    return moment.astimezone(zone).day


def period_end(start: datetime, period: Period, zone: ZoneInfo, anchor: int | None = None) -> datetime:
    """Where the period that begins at `start` ends, in UTC. Without an anchor the start's own day is it."""
    local = start.astimezone(zone)
    index = local.year * 12 + (local.month - 1) + _MONTHS[period]
    year, month = index // 12, index % 12 + 1
    day = min(anchor or local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(UTC)
