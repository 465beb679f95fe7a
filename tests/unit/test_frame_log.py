"""Readers of a log: early, late, slow, many, leaving; all see the same frames."""

import asyncio

from ai_chat.relay.events import DeltaEvent
from ai_chat.relay.log import HANDED_OUT, FrameLog
from ai_chat.relay.relay import Relay
from tests.unit.relay_fakes import (
    MemoryStore,
    bytes_of,
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
            piece, seq = log.since(seq)
            read += piece
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
    assert (
        bytes_of(log) == b'id: 1\ndata: {"type":"delta","delta":"a"}\n\nid: 2\ndata: {"type":"delta","delta":"b"}\n\n'
    )
    assert bytes_of(log, 1) == b'id: 2\ndata: {"type":"delta","delta":"b"}\n\n'
    assert bytes_of(log, 2) == b""


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
    assert {await reader for reader in readers} == {bytes_of(log)}


async def test_a_late_reader_reads_everything() -> None:
    log = FrameLog()
    write(log, "a")
    write(log, "b", last=True)
    assert await read_all(log) == bytes_of(log)


async def test_a_reader_from_the_middle_reads_exactly_the_rest() -> None:
    log = FrameLog()
    for letter in "abcdef":
        write(log, letter)
    write(log, "end", last=True)
    for after in range(8):
        assert await read_all(log, after=after) == bytes_of(log, after)


async def test_a_leaving_reader_leaves_nothing_behind() -> None:
    log = FrameLog()
    for _ in range(100):
        leaving = asyncio.create_task(log.grown(60))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    assert log._readers == []


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


def large_log() -> FrameLog:
    log = FrameLog()
    for number in range(1000):
        write(log, str(number) * 50)
    write(log, "x" * 3 * HANDED_OUT)
    write(log, "end", last=True)
    return log


def test_a_large_log_is_handed_out_in_pieces() -> None:
    log = large_log()
    pieces, seq = [], 0
    while seq < len(log):
        piece, seq = log.since(seq)
        pieces.append(piece)
    assert b"".join(pieces) == bytes_of(log)
    longest_frame = max(map(len, log.frames(0)))
    assert len(pieces) > 2
    assert all(0 < len(piece) < HANDED_OUT + longest_frame for piece in pieces)


def test_a_packed_log_reads_like_the_log_that_it_was() -> None:
    log, packed = large_log(), large_log()
    packed.pack()
    packed.pack()
    assert (len(packed), packed.size, packed.closed) == (len(log), log.size, True)
    for after in (0, 1, 2, 500, 999, 1000, 1001, 1002, 1003):
        assert packed.since(after) == log.since(after)
        assert packed.frames(after) == log.frames(after)


def test_nothing_follows_the_last_frame() -> None:
    log = FrameLog()
    write(log, "end", last=True)
    write(log, "late")
    assert len(log) == 1


async def test_a_reader_reads_on_when_its_log_is_packed_under_it() -> None:
    log = large_log()
    piece, seq = log.since(0)
    log.pack()
    assert piece + await read_all(log, after=seq) == bytes_of(log)
