"""Asking again: only before the first piece, only what may help, at most twice."""

from collections.abc import Sequence

import pytest

from ai_chat.integrations.openrouter.attempts import MOST_RETRIES, Patience, answer
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import AnswerSink, UpstreamFailure, Usage
from tests.unit.relay_fakes import CollectingSink

AT_ONCE = Patience((0.0, 0.0), longest=0.5)


def failure(kind: str, *, retryable: bool, retry_after: float | None = None) -> UpstreamFailure:
    return UpstreamFailure(ErrorCode.UPSTREAM_ERROR, kind, retryable=retryable, kind=kind, retry_after=retry_after)  # type: ignore[arg-type]


BUSY = failure("overloaded", retryable=True)


class Provider:
    """Each step is a failure, or the text it answers; what it says before failing stands in a tuple with the failure."""

    def __init__(self, *steps: object) -> None:
        self.steps = list(steps)
        self.asked: list[list[str]] = []

    async def ask(self, models: Sequence[str], sink: AnswerSink) -> None:
        self.asked.append(list(models))
        step = self.steps.pop(0)
        if isinstance(step, tuple):
            step[0](sink)
            raise step[1]
        if isinstance(step, UpstreamFailure):
            raise step
        if step:
            sink.text(str(step))
        sink.finish("stop")


async def ask(provider: Provider, *models: str, usable: Sequence[str] | None = None) -> CollectingSink:
    sink = CollectingSink()
    await answer(
        provider.ask,
        models or ["a"],
        sink,
        source="test",
        usable=lambda model: usable is None or model in usable,
        patience=AT_ONCE,
    )
    return sink


@pytest.mark.parametrize("failures", [0, 1, 2])
async def test_a_passing_failure_is_not_noticed(failures: int) -> None:
    provider = Provider(*[BUSY] * failures, "Hi")
    assert (await ask(provider)).text_so_far == "Hi"
    assert len(provider.asked) == failures + 1


async def test_after_two_retries_it_fails() -> None:
    provider = Provider(*[BUSY] * 9)
    with pytest.raises(UpstreamFailure):
        await ask(provider)
    assert len(provider.asked) == 1 + MOST_RETRIES


@pytest.mark.parametrize("kind", ["refused", "moderated", "too_long", "bad_key", "no_credit", "free_cap", "gone"])
async def test_what_will_not_change_is_not_asked_again(kind: str) -> None:
    provider = Provider(failure(kind, retryable=False), "Hi")
    with pytest.raises(UpstreamFailure):
        await ask(provider)
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    "said",
    [
        lambda sink: sink.text("H"),
        lambda sink: sink.reasoning("Hm"),
        lambda sink: sink.usage(Usage(1, 1, 2, 1)),  # type: ignore[arg-type]
    ],
    ids=["text", "reasoning", "a charge"],
)
async def test_after_the_first_piece_or_a_charge_there_is_no_way_back(said: object) -> None:
    provider = Provider((said, BUSY), "Hi")
    with pytest.raises(UpstreamFailure):
        await ask(provider)
    assert len(provider.asked) == 1


async def test_a_wait_within_our_patience_is_kept_and_a_longer_one_is_not_waited_for() -> None:
    short = Provider(failure("rate_limited", retryable=True, retry_after=0.01), "Hi")
    assert (await ask(short)).text_so_far == "Hi"
    long = Provider(failure("rate_limited", retryable=True, retry_after=60), "Hi")
    with pytest.raises(UpstreamFailure):
        await ask(long)


async def test_all_models_are_named_at_once_and_at_most_three() -> None:
    provider = Provider("Hi")
    await ask(provider, "a", "b", "c", "d")
    assert provider.asked == [["a", "b", "c"]]


async def test_a_model_that_is_gone_makes_way_for_the_next() -> None:
    provider = Provider(failure("gone", retryable=False), "Hi")
    assert (await ask(provider, "a", "b")).text_so_far == "Hi"
    assert provider.asked == [["a", "b"], ["b"]]


async def test_the_last_attempt_asks_another_model() -> None:
    provider = Provider(BUSY, BUSY, "Hi")
    await ask(provider, "a", "b")
    assert provider.asked == [["a", "b"], ["a", "b"], ["b"]]


async def test_a_model_that_rests_does_not_stand_in() -> None:
    provider = Provider(failure("no_credit", retryable=False), "Hi")
    await ask(provider, "a", "paid", "free", usable=["free"])
    assert provider.asked[1] == ["free"]


async def test_an_empty_answer_is_asked_for_again() -> None:
    provider = Provider("", "Hi")
    assert (await ask(provider)).text_so_far == "Hi"


async def test_three_empty_answers_are_one_failure() -> None:
    with pytest.raises(UpstreamFailure) as problem:
        await ask(Provider("", "", ""))
    assert problem.value.code is ErrorCode.UPSTREAM_EMPTY
