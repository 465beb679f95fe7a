"""Everything that can go wrong, by name, and the queue of faults the admin call sets for the next requests."""

from __future__ import annotations

from dataclasses import dataclass, field

#: `http503`, `html502`, `codeless404`: any status, in the three kinds of body seen in the wild.
STATUS_FAULT = r"(http|html|codeless)([1-5]\d\d)"

FAULTS: dict[str, str] = {
    "none": "forget the faults of the layers before",
    # before the stream
    "http<status>": "a JSON error with that status; see the knobs kind, message, retry_after",
    "html<status>": "an HTML page of the edge network with that status",
    "codeless<status>": "a JSON error without `code`, as in the docs' newest examples",
    "json_200": "status 200 and a JSON error where a stream was asked for",
    "hang": "no byte of an answer for `seconds`",
    "reset_connect": "connection reset before the status line",
    # errors in the stream, after `after` tokens (0 = after the comments, before the first token)
    "error_int": "error chunk with an integer code and finish_reason error, then the end, no [DONE]",
    "error_string": "the same with a string code",
    "error_bare": "an event with `error` and no choices, with user_id",
    "error_choice": "the error inside the choice",
    "error_recorded": "as recorded: finish_reason null, usage, then [DONE]",
    # the connection
    "reset": "TCP reset in the middle of an event",
    "truncate": "connection closed in the middle of an event, without the end of the body",
    "eof": "clean end of the body without finish_reason or [DONE]",
    "eof_after_finish": "finish_reason and usage, but no [DONE]",
    "stall": "silence (or comments, keepalive_ms) for `seconds`, then on as if nothing had happened",
    # bytes
    "trickle": "one byte per write",
    "split_utf8": "writes cut inside UTF-8 characters",
    "split_data": "writes cut inside the word `data:`",
    "packed": "several events per write (batch=5)",
    "crlf": "CRLF line ends",
    "cr": "lone CR line ends",
    "mixed": "all three line ends",
    "bom": "a byte order mark first",
    "multiline": "JSON spread over several data: lines",
    "no_space": "`data:{…}` without the space",
    "gzip": "gzip content encoding, flushed after every write",
    # events
    "unknown": "unknown fields, event names, ids, retry lines and event objects",
    "garbage": "an event that is not JSON, in mid-stream",
    "duplicate_finish": "the finish chunk twice",
    "empty_choices": "chunks with choices [] in mid-stream",
    "empty_delta": "chunks with delta {} and with content null in mid-stream",
    "no_usage": "no usage anywhere",
    "null_cost": "usage whose cost is null",
    "negative_cost": "usage whose cost is below zero",
    "absurd_cost": "usage whose cost nobody can have charged",
    "noisy_cost": "cost as a float with binary noise",
    # answers
    "empty": "no content at all, blank finish_reason",
    "length_reasoning": "only reasoning, then finish_reason length",
    "tools_empty": "a tool call whose arguments are all empty strings",
}


@dataclass(slots=True)
class PlannedFault:
    """Knobs for the next `times` requests (None = until cleared) of one path, and perhaps one model."""

    pairs: dict[str, str]
    times: int | None = 1
    model: str | None = None
    path: str = ""


@dataclass(slots=True)
class FaultQueue:
    """Faults set by the admin call, used up in the order they were set."""

    planned: list[PlannedFault] = field(default_factory=list)

    def take(self, path: str, model: str | None) -> dict[str, str]:
        """The knobs of the first plan that fits, which is thereby used once. Empty if none fits.

        A plan bound to a model is met when that model is tried (perhaps as a fallback); one that is not bound is met
        once for the whole request, which asks with model None.
        """
        for plan in self.planned:
            if plan.model == model and path.endswith(plan.path):
                if plan.times is not None:
                    plan.times -= 1
                    if plan.times <= 0:
                        self.planned.remove(plan)
                return plan.pairs
        return {}
