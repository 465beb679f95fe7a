"""However a generation ends, it ends once, is stored once, and every reader is told how."""

import asyncio
from decimal import Decimal

import pytest

from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.tokens import estimate_tokens
from ai_chat.relay.generation import Prices
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import AnswerSink, UpstreamFailure, Usage
from tests.unit.relay_fakes import (
    MemoryStore,
    ScriptedUpstream,
    plan_for,
    raising,
    saying,
    saying_then_waiting,
    text_of,
    until,
    until_closed,
)

PRICES = Prices(prompt=Decimal("0.000001"), completion=Decimal("0.000002"))


async def test_usage_and_cost_are_the_upstreams() -> None:
    store = MemoryStore()
    usage = Usage(10, 20, 33, Decimal("0.00012104999999999999"))
    done = (await until_closed(Relay(store).start(plan_for(saying("Hi", usage=usage), prices=PRICES))))[-1]
    assert (done["tokensUsed"], done["cost"], done["estimated"]) == (33, "0.00012104999999999999", False)
    assert store.ending.tokens_used == 33


async def test_a_cost_with_an_exponent_is_shown_as_a_plain_decimal() -> None:
    usage = Usage(1, 1, 2, Decimal("6e-7"))
    done = (await until_closed(Relay(MemoryStore()).start(plan_for(saying("Hi", usage=usage)))))[-1]
    assert done["cost"] == "0.0000006"


async def test_without_usage_tokens_and_cost_are_our_estimate_and_say_so() -> None:
    store = MemoryStore()
    done = (await until_closed(Relay(store).start(plan_for(saying("Hello"), prices=PRICES, prompt_tokens=7))))[-1]
    completion = estimate_tokens("Hello")
    assert done["tokensUsed"] == 7 + completion
    assert done["estimated"] is True
    assert Decimal(done["cost"]) == 7 * PRICES.prompt + completion * PRICES.completion


async def test_without_prices_the_cost_is_unknown() -> None:
    done = (await until_closed(Relay(MemoryStore()).start(plan_for(saying("Hello")))))[-1]
    assert done["cost"] is None


async def test_the_upstreams_own_finish_reason_is_told() -> None:
    store = MemoryStore()
    done = (await until_closed(Relay(store).start(plan_for(saying("Hi", finish="length")))))[-1]
    assert (done["finishReason"], store.ending.status) == ("length", "complete")


async def test_a_finish_reason_that_no_database_can_hold_is_made_storable() -> None:
    store = MemoryStore()
    await until_closed(Relay(store).start(plan_for(saying("Hi", finish="st\x00op\ud83d"))))
    assert "\x00" not in store.ending.finish_reason
    assert store.ending.finish_reason.encode()


@pytest.mark.parametrize(
    ("problem", "code", "retryable"),
    [
        (
            UpstreamFailure(ErrorCode.UPSTREAM_RATE_LIMITED, "secret detail", retryable=True),
            "UPSTREAM_RATE_LIMITED",
            True,
        ),
        (UpstreamFailure(ErrorCode.UPSTREAM_REFUSED, "secret detail"), "UPSTREAM_REFUSED", False),
        (RuntimeError("secret detail"), "INTERNAL_ERROR", True),
        (ValueError("secret detail"), "INTERNAL_ERROR", True),
        (TimeoutError("secret detail"), "INTERNAL_ERROR", True),
        (ExceptionGroup("secret detail", [OSError()]), "INTERNAL_ERROR", True),
        (MemoryError("secret detail"), "INTERNAL_ERROR", True),
        (RecursionError("secret detail"), "INTERNAL_ERROR", True),
    ],
)
async def test_a_failing_upstream_ends_with_an_error_frame_and_keeps_the_text(
    problem: Exception, code: str, retryable: bool
) -> None:
    store = MemoryStore()
    log = Relay(store).start(plan_for(raising(problem, "Half an ", "answer")))
    last = (await until_closed(log))[-1]
    assert last["type"] == "error"
    assert (last["error"]["code"], last["error"]["retryable"]) == (code, retryable)
    assert "secret" not in last["error"]["message"]
    assert text_of(log) == store.ending.text == "Half an answer"
    assert (store.ending.status, store.ending.gives_back) == ("failed", False)


async def test_a_failure_before_any_text_gives_the_message_back() -> None:
    store = MemoryStore()
    await until_closed(Relay(store).start(plan_for(raising(OSError()))))
    assert store.ending.gives_back
    assert (store.ending.tokens_used, store.ending.cost_usd) == (0, None)


@pytest.mark.parametrize("pieces", [(), ("",), ("\x00",)])
async def test_an_empty_answer_is_a_failure_and_gives_the_message_back(pieces: tuple[str, ...]) -> None:
    store = MemoryStore()
    last = (await until_closed(Relay(store).start(plan_for(saying(*pieces)))))[-1]
    assert last["error"]["code"] == "UPSTREAM_EMPTY"
    assert store.ending.gives_back


async def test_reasoning_alone_is_no_answer_but_it_was_shown_and_the_message_counts() -> None:
    async def answer(sink: AnswerSink) -> None:
        sink.reasoning("Hm")
        sink.finish("length")

    store = MemoryStore()
    last = (await until_closed(Relay(store).start(plan_for(ScriptedUpstream(answer)))))[-1]
    assert last["error"]["code"] == "UPSTREAM_ONLY_REASONING"
    assert (store.ending.reasoning, store.ending.gives_back) == ("Hm", False)


async def test_a_failure_after_reasoning_counts_the_message() -> None:
    async def answer(sink: AnswerSink) -> None:
        sink.reasoning("Hm")
        raise OSError

    store = MemoryStore()
    await until_closed(Relay(store).start(plan_for(ScriptedUpstream(answer))))
    assert (store.ending.status, store.ending.text, store.ending.gives_back) == ("failed", "", False)


async def test_stopping_keeps_the_text_and_counts_the_message() -> None:
    store, upstream = MemoryStore(), saying_then_waiting("Half", " an answer")
    relay, plan = Relay(store), plan_for(upstream)
    log = relay.start(plan)
    await until(lambda: text_of(log) == "Half an answer")
    assert relay.stop(plan.generation_id)
    last = (await until_closed(log))[-1]
    assert (last["type"], last["finishReason"]) == ("done", "stopped")
    assert (store.ending.status, store.ending.text, store.ending.gives_back) == ("stopped", "Half an answer", False)
    assert upstream.cancelled


async def test_stopping_keeps_what_no_tick_has_shown_yet() -> None:
    store, plan = MemoryStore(), plan_for(saying_then_waiting("a", "b", "c"))
    relay = Relay(store)
    log = relay.start(plan)
    await until(lambda: len(log) > 1)
    relay.stop(plan.generation_id)
    await until_closed(log)
    assert text_of(log) == store.ending.text == "abc"


async def test_stopping_before_it_could_begin_asks_nobody() -> None:
    store, upstream = MemoryStore(), saying_then_waiting("never")
    relay, plan = Relay(store), plan_for(upstream)
    log = relay.start(plan)
    assert relay.stop(plan.generation_id)
    assert (await until_closed(log))[-1]["finishReason"] == "stopped"
    assert upstream.asked == []
    assert (store.ending.text, store.ending.gives_back) == ("", False)


async def test_only_the_first_stop_counts() -> None:
    relay, plan = Relay(MemoryStore()), plan_for(saying_then_waiting("a"))
    log = relay.start(plan)
    await until(lambda: len(log) > 1)
    assert [relay.stop(plan.generation_id) for _ in range(3)] == [True, False, False]
    await until_closed(log)


async def test_stopping_after_the_end_does_nothing() -> None:
    store, plan = MemoryStore(), plan_for(saying("Hi"))
    relay = Relay(store)
    log = relay.start(plan)
    await until_closed(log)
    assert not relay.stop(plan.generation_id)
    assert store.ending.status == "complete"


async def test_stopping_what_never_ran_here_does_nothing() -> None:
    assert not Relay(MemoryStore()).stop(plan_for(saying("Hi")).generation_id)


async def test_an_upstream_that_answers_a_stop_with_an_error_was_stopped_all_the_same() -> None:
    async def answer(sink: AnswerSink) -> None:
        sink.text("Half")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise UpstreamFailure(ErrorCode.UPSTREAM_DISCONNECTED, "closed") from None

    store = MemoryStore()
    relay, plan = Relay(store), plan_for(ScriptedUpstream(answer))
    log = relay.start(plan)
    await until(lambda: len(log) > 1)
    relay.stop(plan.generation_id)
    assert (await until_closed(log))[-1]["type"] == "done"
    assert (store.ending.status, store.ending.text) == ("stopped", "Half")


async def test_an_upstream_cancelled_by_somebody_else_was_interrupted() -> None:
    store = MemoryStore()
    last = (await until_closed(Relay(store).start(plan_for(raising(asyncio.CancelledError(), "Half")))))[-1]
    assert last["error"]["code"] == "INTERRUPTED"
    assert (store.ending.status, store.ending.text) == ("interrupted", "Half")


async def test_the_end_is_stored_before_it_is_told() -> None:
    store = MemoryStore()
    log = Relay(store).start(plan_for(saying("Hi")))
    while not log.closed:
        assert store.endings == []
        await log.grown(1)
    assert len(store.endings) == 1
