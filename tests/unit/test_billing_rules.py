"""The pure rules of money: calendars, dunning, the state machines, receipts. No clock, no database."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.features.billing.dunning import (
    FORGET_METHOD,
    HOPELESS,
    PATIENT,
    TRANSIENT,
    Attempt,
    Schedule,
    after_decline,
)
from ai_chat.features.billing.lifecycle import (
    PAYMENT_FINAL,
    Circumstances,
    Effect,
    SubscriptionEvent,
    order_closed,
    order_paid,
    order_refunded,
    payment_after,
    refund_after,
    subscription_after,
)
from ai_chat.features.billing.periods import anchor_day, period_end
from ai_chat.features.billing.requests import ReceiptRules
from ai_chat.kernel.money import amount_text, parse_amount, roubles, share

MOSCOW = ZoneInfo("Europe/Moscow")
PAYMENTS = ("created", "pending", "waiting_for_capture", "succeeded", "canceled", "refused")
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
EARLY, LATE = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2090-01-01")


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2027-01-31 12:00", ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        ("2028-01-30 12:00", ["2028-02-29", "2028-03-30", "2028-04-30"]),
        ("2026-11-30 23:59", ["2026-12-30", "2027-01-30", "2027-02-28", "2027-03-30"]),
        ("2026-12-31 00:00", ["2027-01-31", "2027-02-28"]),
    ],
)
def test_a_month_from_the_end_of_a_month_ends_at_the_end_of_the_next(start: str, ends: list[str]) -> None:
    moment = moscow(start)
    anchor = anchor_day(moment, MOSCOW)
    found = []
    for _ in ends:
        moment = period_end(moment, "month", MOSCOW, anchor)
        found.append(moment.astimezone(MOSCOW).date().isoformat())
    assert found == ends
    assert moment.astimezone(MOSCOW).time() == moscow(start).time()


def test_a_year_from_the_leap_day_ends_on_the_28th_and_comes_back_to_the_29th() -> None:
    moment = moscow("2028-02-29 10:00")
    for year, day in ((2029, 28), (2030, 28), (2031, 28), (2032, 29)):
        moment = period_end(moment, "year", MOSCOW, 29)
        assert (moment.astimezone(MOSCOW).year, moment.astimezone(MOSCOW).day) == (year, day)


def test_the_day_is_moscow_s_and_not_utc_s() -> None:
    late = datetime(2027, 1, 30, 22, 30, tzinfo=UTC)  # 31 January in Moscow
    assert anchor_day(late, MOSCOW) == 31
    assert period_end(late, "month", MOSCOW).astimezone(MOSCOW).date().isoformat() == "2027-02-28"


@given(st.datetimes(EARLY, LATE, timezones=st.just(UTC)), st.integers(1, 31))
def test_every_month_is_a_month_long(start: datetime, anchor: int) -> None:
    moments = [start]
    for _ in range(14):
        moments.append(period_end(moments[-1], "month", MOSCOW, anchor))
    assert all(timedelta(days=28) <= later - earlier <= timedelta(days=31) for earlier, later in pairwise(moments[1:]))


def attempts(*reasons: str) -> list[Attempt]:
    """As the schedule would have made them."""
    made: list[Attempt] = []
    at = START
    for reason in reasons:
        made.append(Attempt(at, reason))
        decision = after_decline(made, Schedule())
        at = decision.at or at
    return made


def test_no_money_is_tried_again_on_days_1_3_and_5_and_then_no_more() -> None:
    found = attempts(*["insufficient_funds"] * 4)
    assert [attempt.at - START for attempt in found] == [timedelta(days=days) for days in (0, 1, 3, 5)]
    assert after_decline(found, Schedule()).kind == "stop"


@pytest.mark.parametrize("reason", sorted(HOPELESS))
def test_what_will_never_work_is_not_tried_again(reason: str) -> None:
    decision = after_decline(attempts(reason), Schedule())
    assert (decision.kind, decision.forget_method) == ("stop", reason in FORGET_METHOD)


@pytest.mark.parametrize("reason", ["general_decline", "call_issuer", "a_reason_of_tomorrow", ""])
def test_what_nobody_explains_is_tried_twice_more(reason: str) -> None:
    assert [after_decline(attempts(*[reason] * count), Schedule()).kind for count in (1, 2, 3)] == [
        "retry", "retry", "stop",
    ]  # fmt: skip


def test_a_bank_that_is_away_is_asked_again_within_the_hour_but_not_for_ever() -> None:
    first = after_decline(attempts("issuer_unavailable"), Schedule())
    assert first.at == START + timedelta(hours=1)
    third = after_decline(attempts(*["internal_timeout"] * 3), Schedule())
    assert third.at == START + timedelta(days=1)


@given(st.lists(st.sampled_from(sorted(PATIENT | TRANSIENT | {"general_decline"})), min_size=1, max_size=30))
def test_retries_only_ever_go_forward_and_end(reasons: list[str]) -> None:
    made: list[Attempt] = []
    at = START
    for reason in reasons:
        made.append(Attempt(at, reason))
        decision = after_decline(made, Schedule())
        if decision.at is None:
            break
        assert decision.at > at
        at = decision.at
    assert at - START <= timedelta(days=5, hours=3)


@given(st.lists(st.sampled_from(PAYMENTS[1:]), max_size=12))
def test_whatever_is_reported_in_whatever_order_a_payment_is_booked_at_most_once(reports: list[str]) -> None:
    state, booked = "created", 0
    for reported in reports:
        before = state
        state, effects = payment_after(state, reported)  # type: ignore[arg-type]
        booked += Effect.BOOK in effects
        assert before not in PAYMENT_FINAL or (state == before and effects == ())
    assert booked == (state == "succeeded")


@given(
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["pending", "paid", "canceled", "refunded"]),
)
def test_money_that_arrives_is_granted_or_given_back_and_never_both(
    granted: bool, superseded: bool, late: bool, gone: bool, state: str
) -> None:
    facts = Circumstances(granted=granted, superseded=superseded, charged_after_cancel=late, owner_gone=gone)
    after, effects = order_paid(state, facts)  # type: ignore[arg-type]
    assert (Effect.GRANT in effects) != (Effect.REFUND in effects)
    assert after in ("paid", "canceled", "refunded")


def test_an_order_is_refunded_only_in_full_and_closed_only_while_it_is_open() -> None:
    assert order_refunded("paid", paid=990, refunded=989) == ("paid", ())
    assert order_refunded("paid", paid=990, refunded=990) == ("refunded", (Effect.REVOKE,))
    assert order_closed("paid") == ("paid", ())
    assert refund_after("succeeded", "canceled") == ("succeeded", ())
    assert refund_after("pending", "canceled")[1] == (Effect.RETURN_MONEY, Effect.ALERT)


@given(st.lists(st.sampled_from(list(SubscriptionEvent)), max_size=12))
def test_only_a_payment_brings_an_ended_subscription_back(events: list[SubscriptionEvent]) -> None:
    state = "active"
    for event in events:
        before = state
        state = subscription_after(state, event)  # type: ignore[arg-type]
        if before in ("expired", "canceled") and state != before:
            assert event is SubscriptionEvent.PAID


@given(st.integers(1, 100_000_000))
def test_the_items_of_a_receipt_come_to_the_amount_to_the_kopeck(kopecks: int) -> None:
    receipt = ReceiptRules(tax_system=2, vat_code=1).receipt("ann@example.com", "Premium", kopecks)
    assert sum(line.price * line.quantity for line in receipt.lines) == kopecks
    assert parse_amount(amount_text(kopecks)) == kopecks
    assert round(roubles(kopecks) * 100) == kopecks


@given(st.integers(0, 10_000_000), st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_share_is_never_more_than_all_and_never_below_nothing(amount: int, part: float, whole: float) -> None:
    assert 0 <= share(amount, part, whole) <= amount
