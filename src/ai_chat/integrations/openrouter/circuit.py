"""Not asking what cannot be answered: after a refusal for the operator's key, credit or free allowance, models rest a while.

People are told that the model is unavailable and which others work; the key and the credit are the operator's business, and
the log's. Everything opens by itself: the next question after the rest is the test.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import structlog

from ai_chat.features.catalog.ports import Outage
from ai_chat.kernel.metrics import gauge
from ai_chat.relay.upstream import UpstreamFailure

FIRST_REST = 60.0
LONGEST_REST = 600.0
_LONGEST_FREE_REST = 25 * 3600.0

Group = Literal["paid", "free"]

CIRCUIT = gauge("ai_chat_upstream_circuit_open", "1 while a provider's models are not asked.", "source", "group")

log = structlog.get_logger()


class Circuit:
    """Which groups of OpenRouter's models rest, and until when."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._closed_until: dict[Group, float] = {}
        self._rest: dict[Group, float] = {}

    def outage(self, *, free: bool) -> Outage | None:
        """Why a model of this kind is not asked at the moment; None where it is."""
        group: Group = "free" if free else "paid"
        until = self._closed_until.get(group, 0.0)
        if until <= self._now():
            CIRCUIT.set(0, "openrouter", group)
            return None
        return Outage("It is temporarily unavailable on this server.", datetime.fromtimestamp(until, UTC))

    def failed(self, failure: UpstreamFailure, *, free: bool) -> None:
        """A model of this kind was refused."""
        if failure.kind == "bad_key":
            self._alarm("the provider does not accept OPENROUTER_API_KEY; its models rest", failure, "paid", "free")
        elif failure.kind == "no_credit":
            # A refusal even for a free model means a negative balance: then nothing answers.
            groups: tuple[Group, ...] = ("paid", "free") if free else ("paid",)
            self._alarm("the account at the provider has no credit left; its models rest", failure, *groups)
        elif failure.kind == "free_cap":
            self._free_cap(failure)

    def answered(self, *, free: bool) -> None:
        """A model of this kind has answered: whatever was wrong is over."""
        group: Group = "free" if free else "paid"
        self._closed_until.pop(group, None)
        if self._rest.pop(group, None) is not None:
            CIRCUIT.set(0, "openrouter", group)
            log.warning("the provider answers again", source="openrouter", models=group)

    def _alarm(self, words: str, failure: UpstreamFailure, *groups: Group) -> None:
        now = self._now()
        if all(self._closed_until.get(group, 0.0) > now for group in groups):
            return  # questions that were under way: the alarm has been given
        rest = min(max(self._rest.get(group, FIRST_REST / 2) for group in groups) * 2, LONGEST_REST)
        for group in groups:
            self._rest[group], self._closed_until[group] = rest, now + rest
            CIRCUIT.set(1, "openrouter", group)
        log.error(words, source="openrouter", models=list(groups), seconds=rest, detail=failure.detail)

    def _free_cap(self, failure: UpstreamFailure) -> None:
        now = self._now()
        midnight = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        until = failure.resets_at or (midnight + timedelta(days=1)).timestamp()
        until = min(max(until, now + 1), now + _LONGEST_FREE_REST)
        if self._closed_until.get("free", 0.0) >= until:
            return
        self._rest["free"], self._closed_until["free"] = FIRST_REST, until
        CIRCUIT.set(1, "openrouter", "free")
        log.error(
            "the provider's allowance of free questions is used up; free models rest until it opens",
            source="openrouter",
            until=datetime.fromtimestamp(until, UTC).isoformat(),
            detail=failure.detail,
        )
