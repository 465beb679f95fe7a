"""Readers of a log: early, late, slow, many, leaving; all see the same frames."""

import asyncio

from ai_chat.relay.events import DeltaEvent
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from tests.unit.relay_fakes import (
    MemoryStore,
    events_of,
    plan_for,
    saying,
    saying_then_waiting,
    until,
    until_closed,
)


async def read_all(log: FrameLog, *, pause: float = 0, after: int = 0) -> bytes:
    read, seq = b"", after
    while True:
        if seq < len(log):
            read, seq = read + log.since(seq), len(log)
            await asyncio.sleep(pause)
        elif log.closed:
            return read
        else:
            await log.grown(5)


def write(log: FrameLog, text: str, *, last: bool = False) -> None:
    log.append(DeltaEvent(text), last=last)


async def test_frames_are_numbered_from_one() -> None:
    log = FrameLog()
    write(log, "a")
    write(log, "b")
    assert log.since(0) == b'id: 1\ndata: {"type":"delta","delta":"a"}\n\nid: 2\ndata: {"type":"delta","delta":"b"}\n\n'
    assert log.since(1) == b'id: 2\ndata: {"type":"delta","delta":"b"}\n\n'
    assert log.since(2) == b""


async def test_text_that_looks_like_the_protocol_stays_inside_its_frame() -> None:
    log = FrameLog()
    write(log, "data: [DONE]\n\nid: 7\r\n\u2028")
    assert [event["delta"] for event in events_of(log)] == ["data: [DONE]\n\nid: 7\r\n\u2028"]


async def test_a_reader_is_woken_by_the_next_frame() -> None:
    log = FrameLog()
    waiting = asyncio.create_task(log.grown(60))
    await asyncio.sleep(0)
    write(log, "a")
    assert await waiting is True


async def test_a_reader_that_waited_long_enough_is_told_so() -> None:
    assert await FrameLog().grown(0.001) is False


async def test_a_log_is_closed_by_its_last_frame() -> None:
    log = FrameLog()
    write(log, "a")
    assert not log.closed
    write(log, "b", last=True)
    assert log.closed


async def test_many_readers_at_any_pace_read_the_same() -> None:
    log = FrameLog()
    readers = [asyncio.create_task(read_all(log, pause=number / 5000)) for number in range(20)]
    for number in range(50):
        write(log, f"{number} ")
        await asyncio.sleep(0.001)
    write(log, "end", last=True)
    assert {await reader for reader in readers} == {log.since(0)}


async def test_a_late_reader_reads_everything() -> None:
    log = FrameLog()
    write(log, "a")
    write(log, "b", last=True)
    assert await read_all(log) == log.since(0)


async def test_a_reader_from_the_middle_reads_exactly_the_rest() -> None:
    log = FrameLog()
    for letter in "abcdef":
        write(log, letter)
    write(log, "end", last=True)
    for after in range(8):
        assert await read_all(log, after=after) == log.since(after)


async def test_a_leaving_reader_leaves_nothing_behind() -> None:
    log = FrameLog()
    for _ in range(100):
        leaving = asyncio.create_task(log.grown(60))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    assert log._waiting == set()


async def test_an_ended_log_can_be_read_again_until_its_retention_is_over() -> None:
    relay, plan = Relay(MemoryStore(), retention=0.05), plan_for(saying("Hi"))
    log = relay.start(plan)
    assert relay.log_of(plan.generation_id) is log
    await until_closed(log)
    assert relay.log_of(plan.generation_id) is log
    await until(lambda: relay.log_of(plan.generation_id) is None)


async def test_a_running_log_is_kept_however_long_it_runs() -> None:
    relay, plan = Relay(MemoryStore(), retention=0.001), plan_for(saying_then_waiting("Hi"))
    log = relay.start(plan)
    await asyncio.sleep(0.02)
    assert relay.log_of(plan.generation_id) is log
    assert relay.running == [plan.generation_id]
    await relay.drain(0)


async def test_a_generation_goes_on_without_any_reader() -> None:
    store = MemoryStore()
    relay = Relay(store)
    relay.start(plan_for(saying("Nobody ", "listens")))
    await until(lambda: store.endings)
    assert store.ending.text == "Nobody listens"
