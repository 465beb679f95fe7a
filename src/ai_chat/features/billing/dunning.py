"""What to do when a renewal is declined: try again later, or stop and ask for another card. Pure: reasons in, a date out.

The reasons are the provider's words for why a bank refused. Some say "not now" (no money on the account), some say "never"
(the person withdrew their consent, the card is gone): charging those again would only annoy the bank and the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

TRANSIENT = frozenset(("issuer_unavailable", "internal_timeout"))
HOPELESS = frozenset(
    (
        "permission_revoked", "card_expired", "invalid_card_number", "invalid_csc", "payment_method_restricted",
        "country_forbidden", "unsupported_mobile_operator", "fraud_suspected", "identification_required",
        "method_not_found",
    )
)  # fmt: skip
FORGET_METHOD = frozenset(("permission_revoked", "method_not_found"))
"""The saved method is of no use to anybody any more."""
PATIENT = frozenset(("insufficient_funds", "payment_method_limit_exceeded"))
"""Worth all the retries; what is unclear (`general_decline`, `call_issuer`, reasons we have never heard of) gets two."""

_TRANSIENT_PAUSE = timedelta(hours=1)
_TRANSIENT_IN_A_ROW = 3
_UNCLEAR_RETRIES = 2


@dataclass(frozen=True, slots=True)
class Schedule:
    """When renewals are tried; operators may change it."""

    lead: timedelta = timedelta(hours=24)
    """The first attempt comes this long before the period ends."""
    retry_days: tuple[int, ...] = (1, 3, 5)
    """Further attempts, counted from the first."""
    grace: timedelta = timedelta(days=5)
    """Premium is kept this long after the period's end while a failed renewal is tried again."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A charge that was declined."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Retry at a moment, or wait for the person: `retry` with a date, `stop` without one."""

    kind: Literal["retry", "stop"]
    at: datetime | None = None
    forget_method: bool = False


def after_decline(attempts: Sequence[Attempt], schedule: Schedule) -> Decision:
    """What follows the last of `attempts` (oldest first, at least one), all of the same period."""
    last = attempts[-1]
    if last.reason in HOPELESS:
        return Decision("stop", forget_method=last.reason in FORGET_METHOD)
    trailing = 0
    for attempt in reversed(attempts):
        if attempt.reason not in TRANSIENT:
            break
        trailing += 1
    if 0 < trailing < _TRANSIENT_IN_A_ROW:
        return Decision("retry", last.at + _TRANSIENT_PAUSE)
    unclear = sum(attempt.reason not in PATIENT and attempt.reason not in TRANSIENT for attempt in attempts)
    if unclear > _UNCLEAR_RETRIES:
        return Decision("stop")
    first = attempts[0].at
    for days in schedule.retry_days:
        moment = first + timedelta(days=days)
        if moment > last.at:
            return Decision("retry", moment)
    return Decision("stop")
