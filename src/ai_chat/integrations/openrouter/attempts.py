"""Asking more than once: which failures are tried again, how long we wait, and which model is asked instead.

Nothing is tried again once a person has seen a piece of the answer, or once the provider has charged for it.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.metrics import counter
from ai_chat.relay.upstream import AnswerSink, UpstreamFailure, Usage

MOST_RETRIES = 2
MOST_MODELS = 3
"""OpenRouter takes no more in `models`."""

FAILURES = counter("ai_chat_upstream_failures_total", "Failures of model providers, by kind.", "source", "kind")
RETRIES = counter(
    "ai_chat_upstream_retries_total", "Attempts made again before the first piece of an answer.", "source"
)
FALLBACKS = counter("ai_chat_upstream_fallbacks_total", "Answers asked of another model than the chosen one.", "source")

Ask = Callable[[Sequence[str], AnswerSink], Awaitable[None]]
"""One attempt: the models to ask, in order, and where the answer goes."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a person may be kept waiting for another attempt."""

    pauses: tuple[float, float] = (0.25, 0.75)
    """Seconds before the first and the second retry, give or take half."""
    longest: float = 8.0
    """A provider that asks for a longer pause is not asked again."""


USUAL = Patience()


class Attempt:
    """The sink of one attempt: passes everything on and remembers whether there is a way back."""

    def __init__(self, sink: AnswerSink) -> None:
        self._sink = sink
        self.shown = False
        self.charged = False
        self.finish_reason: str | None = None

    def text(self, piece: str) -> None:
        self.shown = True
        self._sink.text(piece)

    def reasoning(self, piece: str) -> None:
        self.shown = True
        self._sink.reasoning(piece)

    def usage(self, usage: Usage) -> None:
        self.charged = self.charged or bool(usage.cost_usd)
        self._sink.usage(usage)

    def finish(self, reason: str) -> None:
        self.finish_reason = reason
        self._sink.finish(reason)

    def answered_by(self, answer_id: str | None, model: str | None) -> None:
        self._sink.answered_by(answer_id, model)

    @property
    def final(self) -> bool:
        return self.shown or self.charged


async def answer(
    ask: Ask,
    models: Sequence[str],
    sink: AnswerSink,
    *,
    source: str,
    usable: Callable[[str], bool] = lambda _: True,
    on_failure: Callable[[UpstreamFailure, str], None] = lambda *_: None,
    patience: Patience = USUAL,
) -> None:
    """One answer of the first of `models` that gives one; UpstreamFailure of the last attempt where none does.

    `on_failure` hears of every failure and of the model that was asked; `usable` says whether a model may still be asked.
    """
    left = list(models)
    for retry in range(MOST_RETRIES + 1):
        attempt = Attempt(sink)
        try:
            await ask(left[:MOST_MODELS], attempt)
            if attempt.final or attempt.finish_reason not in (None, "stop"):
                return
            raise UpstreamFailure(ErrorCode.UPSTREAM_EMPTY, "an empty answer", retryable=True, kind="empty")
        except UpstreamFailure as failure:
            FAILURES.add(1, source, failure.kind)
            on_failure(failure, left[0])
            others = [model for model in left[1:] if usable(model)]
            last_chance = retry == MOST_RETRIES - 1
            if attempt.final or retry == MOST_RETRIES:
                raise
            pause = 0.0
            if others and (failure.kind in ("gone", "no_credit", "free_cap") or (failure.retryable and last_chance)):
                left = others
                FALLBACKS.add(1, source)
            elif failure.retryable and (failure.retry_after or 0.0) <= patience.longest:
                pause = failure.retry_after or patience.pauses[retry] * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
            else:
                raise
            RETRIES.add(1, source)
            log.warning("upstream failed, asking again", kind=failure.kind, detail=failure.detail, models=left)
        await asyncio.sleep(pause)
