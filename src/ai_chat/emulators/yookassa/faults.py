"""What can go wrong with a call, and the queue of what shall."""

from __future__ import annotations

from dataclasses import dataclass, field

FAULTS: dict[str, str] = {
    "500_before": "internal_server_error, and nothing was done",
    "500_after": "internal_server_error, although everything was done: the same key gives the result later",
    "hang_before": "no answer for `seconds`, nothing done, then a 500",
    "hang_after": "everything done, no answer for `seconds`, then a 500",
    "reset_before": "the connection is reset after the request was read; nothing done",
    "reset_after": "the connection is reset after everything was done",
    "429": "too_many_requests with `retry_after` milliseconds; nothing done",
    "202": "the legacy answer `processing` with `retry_after` milliseconds; nothing done yet",
    "202_after": "the legacy answer `processing`, although everything was done",
    "html502_before": "a proxy's page of HTML; nothing done",
    "html502_after": "a proxy's page of HTML, although everything was done",
    "slow_body": "the answer trickles for `seconds`",
    "truncated": "the answer breaks off in the middle, although everything was done",
    "unknown_fields": "fields nobody has heard of, nested too",
    "unknown_status": "status `under_review`",
    "unknown_reason": "cancellation reason `moon_phase`, party `astrologer`",
    "unknown_method": "payment method `moon_pay` with a shape of its own",
    "wrong_amount": "an amount one rouble higher than asked",
    "wrong_currency": "an amount in USD",
    "wrong_shop": "somebody else's account_id",
    "wrong_test": "the opposite test flag",
}


class UnknownFault(ValueError):
    """A fault the emulator does not know: misspelt, it would prove nothing while the test passes."""


@dataclass(slots=True)
class PlannedFault:
    """A fault for the next calls that match."""

    name: str
    times: int | None
    method: str
    path: str
    seconds: float
    retry_after: int


@dataclass(slots=True)
class FaultQueue:
    """Faults in the order they were planned."""

    planned: list[PlannedFault] = field(default_factory=list)

    def plan(
        self,
        name: str,
        *,
        times: int | None = 1,
        method: str = "POST",
        path: str = "/payments",
        seconds: float = 30,
        retry_after: int = 1000,
    ) -> None:
        if name not in FAULTS:
            raise UnknownFault(f"unknown fault {name!r}; known: {', '.join(FAULTS)}")
        self.planned.append(PlannedFault(name, times, method, path, seconds, retry_after))

    def take(self, method: str, path: str) -> PlannedFault | None:
        """The first that matches this call; `path` of a fault is a beginning, or "*"."""
        for fault in self.planned:
            if fault.method in ("*", method) and (fault.path == "*" or path.startswith(fault.path)):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.planned.remove(fault)
                return fault
        return None
