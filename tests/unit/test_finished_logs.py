"""What stays of a generation after its end: its log, packed, for a while, and never more than there is room for."""

import asyncio
import gc
import logging
import weakref

import pytest

from ai_chat.kernel.ids import new_id
from ai_chat.relay.events import DeltaEvent
from ai_chat.relay.finished import FinishedLogs
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from tests.unit.relay_fakes import (
    MemoryStore,
    bytes_of,
    plan_for,
    raising,
    saying,
    saying_then_waiting,
    until,
    until_closed,
)


def ended_log(text: str = "text") -> FrameLog:
    log = FrameLog()
    log.append(DeltaEvent(text), last=True)
    return log


async def test_the_prompt_is_forgotten_when_its_generation_has_ended(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(
        logging.CRITICAL
    )  # pytest would keep the failure's log record, and with it the frames of its error
    relay, upstream = Relay(MemoryStore()), raising(OSError(), "Half")
    held, plan = weakref.ref(upstream), plan_for(upstream)
    generation_id, log = plan.generation_id, relay.start(plan)
    del upstream, plan
    await until_closed(log)
    await until(lambda: not len(relay))
    gc.collect()
    assert held() is None, "the plan, and with it the prompt, is still held"
    assert relay.log_of(generation_id) is log


async def test_a_log_is_packed_when_its_generation_has_ended() -> None:
    relay = Relay(MemoryStore())
    log = relay.start(plan_for(saying("Hello ", "world")))
    events = await until_closed(log)
    await until(lambda: not len(relay))
    assert log._frames == []
    assert await until_closed(log) == events


async def test_the_logs_that_ended_first_go_when_there_are_too_many_bytes() -> None:
    size = ended_log().size
    finished, ids = FinishedLogs(60, most_bytes=3 * size), [new_id() for _ in range(5)]
    for generation_id in ids:
        finished.keep(generation_id, ended_log())
    assert [finished.get(generation_id) is not None for generation_id in ids] == [False, False, True, True, True]


async def test_the_last_log_is_kept_however_large_it_is() -> None:
    finished, small, large = FinishedLogs(60, most_bytes=1), new_id(), new_id()
    finished.keep(small, ended_log())
    log = ended_log("x" * 1000)
    finished.keep(large, log)
    assert (finished.get(small), finished.get(large)) == (None, log)


async def test_forgotten_logs_make_room_again() -> None:
    finished, first = FinishedLogs(60, most_bytes=2 * ended_log().size), new_id()
    for _ in range(10):
        finished.keep(new_id(), ended_log())
        finished.clear()
    finished.keep(first, ended_log())
    finished.keep(new_id(), ended_log())
    assert (len(finished), finished.get(first) is not None) == (2, True)


async def test_a_log_kept_twice_is_counted_once() -> None:
    finished, twice = FinishedLogs(60, most_bytes=2 * ended_log().size), new_id()
    for _ in range(3):
        finished.keep(twice, ended_log())
    finished.keep(new_id(), ended_log())
    assert (len(finished), finished.get(twice) is not None) == (2, True)


async def test_a_generation_that_is_broken_off_from_outside_still_ends_for_its_readers() -> None:
    relay, plan = Relay(MemoryStore()), plan_for(saying_then_waiting("Half"))
    log = relay.start(plan)
    await until(lambda: len(log) > 1)
    whole = bytes_of(log)
    (task,) = (task for task in asyncio.all_tasks() if task.get_name() == f"generation-{plan.generation_id}")
    task.cancel()
    events = await until_closed(log)
    assert bytes_of(log).startswith(whole)
    assert events[-1]["error"]["code"] == "INTERRUPTED"
