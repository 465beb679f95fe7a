"""Times on the wire are ISO-8601 in UTC with milliseconds and Z."""

from datetime import UTC, datetime, timedelta, timezone

from ai_chat.kernel.clock import iso, system_clock


def test_a_moment_is_written_with_milliseconds_and_z() -> None:
    assert iso(datetime(2026, 7, 1, 12, 30, 5, 123_456, UTC)) == "2026-07-01T12:30:05.123Z"


def test_whole_seconds_keep_their_milliseconds() -> None:
    assert iso(datetime(2026, 7, 1, tzinfo=UTC)) == "2026-07-01T00:00:00.000Z"


def test_a_moment_in_another_zone_is_turned_to_utc() -> None:
    moscow = timezone(timedelta(hours=3))
    assert iso(datetime(2026, 7, 1, 1, tzinfo=moscow)) == "2026-06-30T22:00:00.000Z"


def test_now_is_aware_and_in_utc() -> None:
    assert system_clock().utcoffset() == timedelta(0)
