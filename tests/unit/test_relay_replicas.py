"""Readers of an answer that another worker writes: however many there are and whenever they come, all of them end."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest

from ai_chat.kernel.ids import new_id
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import AnswerSink
from ai_chat.signals.frame_streams import FrameSource, MemoryFrameStreams
from tests.unit.relay_fakes import (
    MemoryStore,
    ScriptedUpstream,
    bytes_of,
    plan_for,
    saying,
    saying_then_waiting,
    until,
    until_closed,
)


class SlowStreams(MemoryFrameStreams):
    """Takes its time to follow, and counts how often it is asked to."""

    asked = 0

    def __init__(self, hub: dict[UUID, FrameSource], members: list[MemoryFrameStreams]) -> None:
        super().__init__(hub, members)
        self.open = asyncio.Event()
        self.open.set()

    async def follow(self, key: UUID, on_frames: Callable[[int, Sequence[bytes], bool], None]) -> bool:
        self.asked += 1
        await self.open.wait()
        return await super().follow(key, on_frames)


class Workers:
    """A relay that writes and one that reads."""

    def __init__(self, *, longest: float = 60) -> None:
        hub: dict[UUID, FrameSource] = {}
        members: list[MemoryFrameStreams] = []
        self.writer = Relay(MemoryStore(), SlowStreams(hub, members), retention=60)
        self.streams = SlowStreams(hub, members)
        self.reader = Relay(MemoryStore(), self.streams, retention=0.01 if longest < 1 else 60, longest=longest)

    def assert_nothing_is_left(self) -> None:
        assert self.reader._replicas == {}
        assert self.reader._finding == {}
        assert self.streams._followed == {}


def speaking_until(event: asyncio.Event) -> ScriptedUpstream:
    async def answer(sink: AnswerSink) -> None:
        sink.text("Hello, ")
        await event.wait()
        sink.text("world")

    return ScriptedUpstream(answer)


async def test_readers_that_come_together_share_one_copy_and_all_end() -> None:
    workers, end = Workers(), asyncio.Event()
    plan = plan_for(speaking_until(end))
    log = workers.writer.start(plan)
    found = await asyncio.gather(*(workers.reader.find_log(plan.generation_id) for _ in range(20)))
    assert len({id(replica) for replica in found}) == 1
    assert workers.streams.asked == 1
    replica = found[0]
    assert replica is not None
    reading = [asyncio.create_task(until_closed(replica)) for _ in range(20)]
    end.set()
    events = await until_closed(log)
    assert await asyncio.gather(*reading) == [events] * 20
    assert bytes_of(replica) == bytes_of(log)
    assert await workers.reader.find_log(plan.generation_id) is replica
    workers.assert_nothing_is_left()


async def test_a_reader_that_comes_when_it_has_just_ended_reads_it_whole() -> None:
    workers, plan = Workers(), plan_for(saying("Hello"))
    workers.streams.open.clear()
    log = workers.writer.start(plan)
    finding = asyncio.create_task(workers.reader.find_log(plan.generation_id))
    await until(lambda: workers.streams.asked)
    await until_closed(log)
    workers.streams.open.set()
    replica = await finding
    assert replica is not None
    assert bytes_of(replica) == bytes_of(log)
    assert replica.closed
    workers.assert_nothing_is_left()


@pytest.mark.parametrize("steps", range(12))
async def test_a_reader_that_comes_at_any_moment_of_the_end_ends(steps: int) -> None:
    workers, end = Workers(), asyncio.Event()
    plan = plan_for(speaking_until(end))
    log = workers.writer.start(plan)
    await until(lambda: len(log) == 2)
    end.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    replica = await workers.reader.find_log(plan.generation_id)
    assert replica is not None
    assert await until_closed(replica) == await until_closed(log)
    workers.assert_nothing_is_left()


async def test_a_reader_that_leaves_while_it_looks_takes_nothing_from_the_others() -> None:
    workers, plan = Workers(), plan_for(saying_then_waiting("Hello"))
    workers.streams.open.clear()
    log = workers.writer.start(plan)
    leaving, staying = (asyncio.create_task(workers.reader.find_log(plan.generation_id)) for _ in range(2))
    await until(lambda: workers.streams.asked)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    workers.streams.open.set()
    replica = await staying
    assert replica is not None
    await workers.writer.drain(0)
    assert await until_closed(replica) == await until_closed(log)
    workers.assert_nothing_is_left()


async def test_one_answer_that_is_hard_to_find_does_not_keep_the_others_waiting() -> None:
    workers, plan = Workers(), plan_for(saying_then_waiting("Hello"))
    workers.streams.open.clear()
    looking = asyncio.create_task(workers.reader.find_log(new_id()))
    await until(lambda: workers.streams.asked == 1)
    workers.writer.start(plan)
    second = asyncio.create_task(workers.reader.find_log(plan.generation_id))
    await until(lambda: workers.streams.asked == 2)
    workers.streams.open.set()
    assert await looking is None
    assert await second is not None
    await workers.writer.drain(0)


async def test_readers_whose_end_was_lost_are_told_after_the_longest_time() -> None:
    workers, plan = Workers(longest=0.01), plan_for(saying_then_waiting("Hello"))
    workers.writer.start(plan)
    replica = await workers.reader.find_log(plan.generation_id)
    assert replica is not None
    assert (await until_closed(replica))[-1]["error"]["code"] == "INTERRUPTED"
    workers.assert_nothing_is_left()
    await workers.writer.drain(0)
