"""An upstream that knows no end is broken off: by the length of its answer, and by the time it takes."""

import asyncio

import pytest

from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import AnswerSink
from tests.unit.relay_fakes import (
    MemoryStore,
    ScriptedUpstream,
    plan_for,
    saying_then_waiting,
    text_of,
    until_closed,
)

MOST = 100 * 16 + 64 * 1024
"""For the 100 tokens that these plans allow."""


async def pour(sink: AnswerSink) -> None:
    while True:
        sink.text("more and more ")
        await asyncio.sleep(0)


async def test_an_answer_without_end_is_cut_and_kept_like_one_that_reached_its_length() -> None:
    store, upstream = MemoryStore(), ScriptedUpstream(pour)
    log = Relay(store).start(plan_for(upstream))
    last = (await until_closed(log))[-1]
    assert (last["type"], last["finishReason"]) == ("done", "length")
    assert (store.ending.status, len(store.ending.text)) == ("complete", MOST)
    assert text_of(log) == store.ending.text
    assert upstream.cancelled


@pytest.mark.parametrize("more", [0, 1, 10 * MOST])
async def test_an_upstream_that_never_waits_is_cut_at_the_same_length(more: int) -> None:
    async def answer(sink: AnswerSink) -> None:
        sink.text("x" * (MOST - 1))
        sink.text("y" * (1 + more))
        sink.text("z" * more)
        sink.finish("stop")

    store = MemoryStore()
    await until_closed(Relay(store).start(plan_for(ScriptedUpstream(answer))))
    assert store.ending.text == "x" * (MOST - 1) + "y"
    assert store.ending.finish_reason == ("length" if more else "stop")


async def test_reasoning_takes_room_as_well() -> None:
    async def answer(sink: AnswerSink) -> None:
        sink.reasoning("r" * (MOST - 5))
        sink.text("Hello, world")
        await asyncio.Event().wait()

    store = MemoryStore()
    await until_closed(Relay(store).start(plan_for(ScriptedUpstream(answer))))
    assert (store.ending.text, store.ending.finish_reason) == ("Hello", "length")


async def test_reasoning_without_end_is_an_empty_answer_that_counts() -> None:
    async def answer(sink: AnswerSink) -> None:
        while True:
            sink.reasoning("Hm, " * 1000)
            await asyncio.sleep(0)

    store = MemoryStore()
    last = (await until_closed(Relay(store).start(plan_for(ScriptedUpstream(answer)))))[-1]
    assert last["error"]["code"] == "UPSTREAM_ONLY_REASONING"
    assert (len(store.ending.reasoning), store.ending.gives_back) == (MOST, False)


async def test_a_generation_that_takes_too_long_ends_like_a_time_out_and_keeps_its_text() -> None:
    store, upstream = MemoryStore(), saying_then_waiting("Half", " an answer")
    log = Relay(store, longest=0.01).start(plan_for(upstream))
    last = (await until_closed(log))[-1]
    assert (last["error"]["code"], last["error"]["retryable"]) == ("UPSTREAM_TIMEOUT", True)
    assert (store.ending.status, store.ending.text) == ("failed", "Half an answer") == ("failed", text_of(log))
    assert upstream.cancelled
