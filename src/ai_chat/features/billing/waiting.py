"""How long to wait before looking again at something that is not decided yet."""

from datetime import datetime, timedelta

_SHORTEST = timedelta(seconds=3)
_LONGEST = timedelta(minutes=10)
_OLD = timedelta(days=3)
_GIVEN_UP = timedelta(days=30)


def next_look(created_at: datetime, now: datetime) -> datetime | None:
    """Soon while it is young, because a person may be waiting; hourly when it is old; never after a month."""
    age = max(now - created_at, timedelta())
    if age > _GIVEN_UP:
        return None
    if age > _OLD:
        return now + timedelta(hours=1)
    return now + min(max(age / 6, _SHORTEST), _LONGEST)
