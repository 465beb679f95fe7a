"""Workers share their logs: in one process, and through a real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from ai_chat.relay.events import DeltaEvent, DoneEvent, fold_frames
from ai_chat.relay.log import FrameLog
from ai_chat.relay.mirror import FrameStreams
from ai_chat.signals.frame_streams import MemoryFrameStreams
from ai_chat.signals.redis_streams import RedisFrameStreams
from tests.services.valkey import ValkeyServer
from tests.unit.relay_fakes import bytes_of

END = DoneEvent(tokens_used=1, finish_reason="stop", cost=None, estimated=False)


class Worker:
    """One side of the contract, with what it was called for."""

    def __init__(self, streams: FrameStreams) -> None:
        self.streams = streams
        self.calls: list[UUID] = []

    def own_log(self, key: UUID) -> FrameLog:
        log = FrameLog()
        log.on_growth = lambda: self.streams.publish(key, log)
        log.on_growth()
        return log

    async def replica(self, key: UUID) -> FrameLog:
        """Follows as soon as there is something to follow."""
        log = FrameLog()
        async with asyncio.timeout(10):
            while not await self.streams.follow(key, log.extend):
                await asyncio.sleep(0.01)
        return log


@pytest.fixture(params=["memory", "redis"])
async def workers(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Worker, Worker]]:
    if request.param == "memory":
        hub: dict[UUID, object] = {}
        members: list[MemoryFrameStreams] = []
        pair: Sequence[FrameStreams] = [MemoryFrameStreams(hub, members) for _ in range(2)]  # type: ignore[arg-type]
    else:
        server: ValkeyServer = request.getfixturevalue("valkey_server")
        pair = [RedisFrameStreams(server.url) for _ in range(2)]
    async with _running([Worker(streams) for streams in pair]) as running:
        yield running[0], running[1]


@asynccontextmanager
async def _running(workers: list[Worker]) -> AsyncIterator[list[Worker]]:
    tasks = [asyncio.create_task(worker.streams.run(worker.calls.append)) for worker in workers]
    await asyncio.sleep(0.1)
    yield workers
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: "object") -> None:
    async with asyncio.timeout(10):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)


async def test_another_worker_reads_what_was_written_and_what_is_being_written(workers: tuple[Worker, Worker]) -> None:
    writer, reader = workers
    key = uuid4()
    log = writer.own_log(key)
    log.append(DeltaEvent("Привет, "))
    replica = await reader.replica(key)
    for piece in ("мир", "! 👩‍🚀", "\n\nend"):
        log.append(DeltaEvent(piece))
        await asyncio.sleep(0.02)
    log.append(END, last=True)
    await until(lambda: replica.closed)
    assert bytes_of(replica) == bytes_of(log)
    assert fold_frames(replica.frames(0))[0] == "Привет, мир! 👩‍🚀\n\nend"


async def test_a_log_that_has_ended_can_still_be_read(workers: tuple[Worker, Worker]) -> None:
    writer, reader = workers
    key = uuid4()
    log = writer.own_log(key)
    log.append(DeltaEvent("done"))
    log.append(END, last=True)
    replica = await reader.replica(key)
    await until(lambda: replica.closed)
    assert bytes_of(replica) == bytes_of(log)


async def test_there_is_nothing_to_follow_where_nobody_writes(workers: tuple[Worker, Worker]) -> None:
    assert not await workers[1].streams.follow(uuid4(), FrameLog().extend)
    assert await workers[1].streams.recover(uuid4()) == []


async def test_a_call_reaches_the_other_worker(workers: tuple[Worker, Worker]) -> None:
    key = uuid4()
    await workers[0].streams.call(key)
    await until(lambda: key in workers[1].calls)


async def test_the_frames_of_a_dead_worker_are_recovered_and_its_readers_told(workers: tuple[Worker, Worker]) -> None:
    writer, reader = workers
    key = uuid4()
    log = writer.own_log(key)
    log.append(DeltaEvent("half an answ"))
    replica = await reader.replica(key)
    async with asyncio.timeout(10):
        while fold_frames(await reader.streams.recover(key))[0] != "half an answ":
            await asyncio.sleep(0.01)
    rest = FrameLog()
    rest.extend(1, await reader.streams.recover(key), last=False)
    rest.append(END, last=True)
    reader.streams.publish(key, rest)
    await until(lambda: replica.closed)
    assert bytes_of(replica) == bytes_of(rest)


async def test_readers_go_on_after_redis_was_restarted_empty(valkey_server: ValkeyServer) -> None:
    pair = [Worker(RedisFrameStreams(valkey_server.url)) for _ in range(2)]
    async with _running(pair) as (writer, reader):
        key = uuid4()
        log = writer.own_log(key)
        log.append(DeltaEvent("before "))
        replica = await reader.replica(key)
        valkey_server.kill()
        log.append(DeltaEvent("while it was away "))
        await asyncio.sleep(0.2)
        valkey_server.start()
        log.append(DeltaEvent("after"))
        log.append(END, last=True)
        await until(lambda: replica.closed)
        assert bytes_of(replica) == bytes_of(log)
