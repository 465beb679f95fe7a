"""The relay and a database that is away, slow or has already decided: nothing is lost and nothing is stored twice."""

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

import pytest

from ai_chat.relay import relay as relay_module
from ai_chat.relay.generation import Ending, Grown, Snapshot
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import AnswerSink
from tests.unit.relay_fakes import (
    MemoryStore,
    ScriptedUpstream,
    plan_for,
    saying,
    saying_then_waiting,
    text_of,
    until,
    until_closed,
)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "_SAVE_PAUSES", (0.001, 0.002, 0.003, 0.004, 0.005))
    monkeypatch.setattr(relay_module, "CHECKPOINT_SECONDS", 0.01)


async def test_an_end_that_cannot_be_saved_three_times_is_saved_the_fourth() -> None:
    store = MemoryStore(finish_failures=3)
    log = Relay(store).start(plan_for(saying("Hello")))
    assert (await until_closed(log))[-1]["type"] == "done"
    assert (store.attempts, store.ending.text) == (4, "Hello")


async def test_an_end_is_not_given_up_however_long_the_database_is_away() -> None:
    store = MemoryStore(finish_failures=50)
    relay = Relay(store)
    log = relay.start(plan_for(saying("Hello")))
    assert (await until_closed(log))[-1]["type"] == "done"
    assert (store.attempts, store.ending.text) == (51, "Hello")


async def test_an_end_that_cannot_be_saved_at_shutdown_is_told_as_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "_SAVING_SECONDS", 0.02)
    store = MemoryStore(finish_failures=float("inf"))
    relay = Relay(store)
    log = relay.start(plan_for(saying("Hello")))
    await until(lambda: store.attempts > 0)
    await relay.drain(0)
    assert (await until_closed(log))[-1]["error"]["code"] == "INTERRUPTED"
    assert text_of(log) == "Hello"
    assert len(relay) == 0


async def test_an_end_that_somebody_else_has_decided_is_told_as_interrupted() -> None:
    store = MemoryStore(accepts=False)
    last = (await until_closed(Relay(store).start(plan_for(saying("Hello")))))[-1]
    assert last["error"]["code"] == "INTERRUPTED"
    assert store.attempts == 1


async def test_one_generation_whose_end_cannot_be_saved_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "_SAVING_SECONDS", 0.02)

    class Picky(MemoryStore):
        async def finish(self, ending: Ending) -> bool:
            if ending.text == "bad":
                raise ConnectionError
            return await super().finish(ending)

    relay = Relay(Picky())
    bad, good = relay.start(plan_for(saying("bad"))), relay.start(plan_for(saying("good")))
    assert (await until_closed(good))[-1]["type"] == "done"
    assert not bad.closed
    await relay.drain(0)
    assert (await until_closed(bad))[-1]["type"] == "error"


async def test_a_checkpoint_gives_the_heartbeat_of_all_and_the_text_of_those_that_grew() -> None:
    store = MemoryStore()
    relay = Relay(store)
    speaking, silent = plan_for(saying_then_waiting("Hel", "lo")), plan_for(saying_then_waiting())
    relay.start(speaking)
    relay.start(silent)
    await until(lambda: len(store.heartbeats) >= 3)
    both = {speaking.generation_id, silent.generation_id}
    assert all(set(beat) == both for beat in store.heartbeats)
    saved = [shot for shots in store.snapshots for shot in shots]
    assert [(shot.message_id, shot.text) for shot in saved] == [(speaking.message_id, Grown(0, "Hello"))]
    await relay.drain(0)


async def test_a_checkpoint_saves_what_has_grown_and_only_that() -> None:
    grow = asyncio.Event()

    async def answer(sink: AnswerSink) -> None:
        sink.text("a")
        await grow.wait()
        sink.text("b")
        await asyncio.Event().wait()

    store = MemoryStore()
    relay = Relay(store)
    relay.start(plan_for(ScriptedUpstream(answer)))
    await until(lambda: len(store.snapshots) >= 3)
    grow.set()
    await until(lambda: sum(map(len, store.snapshots)) == 2)
    await relay.drain(0)
    assert [shot.text for shots in store.snapshots for shot in shots] == [Grown(0, "a"), Grown(1, "b")]


async def test_a_checkpoint_that_failed_is_made_up_for() -> None:
    store = MemoryStore(checkpoint_failures=2)
    relay = Relay(store)
    relay.start(plan_for(saying_then_waiting("Hello")))
    await until(lambda: len(store.snapshots) >= 4)
    hello = [Grown(0, "Hello")]
    assert [[shot.text for shot in shots] for shots in store.snapshots[:4]] == [hello, hello, hello, []]
    await relay.drain(0)


async def test_no_checkpoint_is_made_while_nothing_runs() -> None:
    store = MemoryStore()
    relay = Relay(store)
    await until_closed(relay.start(plan_for(saying("Hi"))))
    await until(lambda: len(relay) == 0)
    beats = len(store.heartbeats)
    await asyncio.sleep(0.05)
    assert len(store.heartbeats) == beats


async def test_a_slow_checkpoint_does_not_hold_up_the_stream() -> None:
    class Slow(MemoryStore):
        async def checkpoint(self, running: Sequence[UUID], snapshots: Sequence[Snapshot]) -> Collection[UUID]:
            await asyncio.Event().wait()
            return ()

    async def answer(sink: AnswerSink) -> None:
        for _ in range(20):
            sink.text("x")
            await asyncio.sleep(0.005)

    log = Relay(Slow()).start(plan_for(ScriptedUpstream(answer)))
    assert (await until_closed(log))[-1]["type"] == "done"
    assert text_of(log) == "x" * 20


async def test_a_hundred_generations_at_once_each_keep_their_own_text() -> None:
    store = MemoryStore()
    relay = Relay(store)
    logs = {number: relay.start(plan_for(saying(f"answer {number}", "!"))) for number in range(100)}
    for number, log in logs.items():
        await until_closed(log)
        assert text_of(log) == f"answer {number}!"
    assert len({ending.generation_id for ending in store.endings}) == 100


async def test_an_answer_that_was_ended_elsewhere_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "CHECKPOINT_SECONDS", 0.01)
    store = MemoryStore(accepts=False)
    relay, upstream = Relay(store), saying_then_waiting("Half")
    plan, other = plan_for(upstream), plan_for(saying_then_waiting("Mine"))
    log, going_on = relay.start(plan), relay.start(other)
    store.ended_elsewhere.add(plan.generation_id)
    assert (await until_closed(log))[-1]["error"]["code"] == "INTERRUPTED"
    assert upstream.cancelled
    assert not going_on.closed
    await relay.drain(0)
