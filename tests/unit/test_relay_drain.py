"""Shutting down: running answers get their grace, the rest are kept as interrupted, and nothing new begins."""

import asyncio

import pytest

from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay import relay as relay_module
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import AnswerSink
from tests.unit.relay_fakes import (
    MemoryStore,
    ScriptedUpstream,
    events_of,
    plan_for,
    saying_then_waiting,
    until,
)


async def test_without_generations_it_is_over_at_once() -> None:
    relay = Relay(MemoryStore())
    async with asyncio.timeout(0.5):
        await relay.drain(60)


async def test_an_answer_that_ends_within_the_grace_is_complete() -> None:
    async def answer(sink: AnswerSink) -> None:
        sink.text("Hel")
        await asyncio.sleep(0.05)
        sink.text("lo")
        sink.finish("stop")

    store = MemoryStore()
    relay = Relay(store)
    log = relay.start(plan_for(ScriptedUpstream(answer)))
    await relay.drain(10)
    assert log.closed
    assert (store.ending.status, store.ending.text) == ("complete", "Hello")


@pytest.mark.parametrize("grace", [0.0, 0.02])
async def test_an_answer_that_does_not_end_in_time_is_kept_as_interrupted(grace: float) -> None:
    store = MemoryStore()
    relay = Relay(store)
    log = relay.start(plan_for(saying_then_waiting("Half an answer")))
    await until(lambda: len(log) > 1)
    await relay.drain(grace)
    assert events_of(log)[-1]["error"] == {
        "code": "INTERRUPTED",
        "message": ErrorCode.INTERRUPTED.sentence,
        "retryable": True,
    }
    assert (store.ending.status, store.ending.text, store.ending.gives_back) == ("interrupted", "Half an answer", False)


async def test_an_answer_interrupted_before_its_first_word_is_given_back() -> None:
    store = MemoryStore()
    relay = Relay(store)
    relay.start(plan_for(saying_then_waiting()))
    await relay.drain(0)
    assert (store.ending.status, store.ending.gives_back) == ("interrupted", True)


async def test_nothing_new_is_accepted_while_draining() -> None:
    relay = Relay(MemoryStore())
    before = relay.accepting
    await relay.drain(0)
    assert (before, relay.accepting) == (True, False)


async def test_what_was_accepted_the_moment_before_is_begun_and_ended_like_the_others() -> None:
    store = MemoryStore()
    relay = Relay(store)
    await relay.drain(0)
    log = relay.start(plan_for(saying_then_waiting("Half")))
    await until(lambda: len(log) > 1)
    await relay.drain(0)
    assert (log.closed, store.ending.status, store.ending.text) == (True, "interrupted", "Half")


async def test_draining_waits_until_the_ends_are_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "_SAVE_PAUSES", (0.01, 0.02, 0.03))
    store = MemoryStore(finish_failures=3)
    relay = Relay(store)
    relay.start(plan_for(saying_then_waiting("Half")))
    await relay.drain(0)
    assert store.ending.status == "interrupted"


async def test_draining_twice_is_draining_once() -> None:
    store = MemoryStore()
    relay = Relay(store)
    relay.start(plan_for(saying_then_waiting("Half")))
    await asyncio.gather(relay.drain(0.01), relay.drain(0))
    assert len(store.endings) == 1


async def test_an_answer_that_was_being_stopped_stays_stopped() -> None:
    store = MemoryStore()
    relay, plan = Relay(store), plan_for(saying_then_waiting("Half"))
    log = relay.start(plan)
    await until(lambda: len(log) > 1)
    relay.stop(plan.generation_id)
    await relay.drain(0)
    assert store.ending.status == "stopped"
