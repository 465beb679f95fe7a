"""Workers share their logs: in one process, and through a real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from ai_chat.kernel.tasks import cancel_all
from ai_chat.relay.events import DeltaEvent, DoneEvent, fold_frames
from ai_chat.relay.log import FrameLog
from ai_chat.relay.mirror import FrameStreams
from ai_chat.signals.frame_streams import MemoryFrameStreams
from ai_chat.signals.redis_feeds import RedisUserFeeds
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


async def test_an_end_that_was_written_while_redis_was_away_is_read_when_it_is_back(
    valkey_server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = 0
    flush = RedisFrameStreams._flush

    async def counted(self: RedisFrameStreams) -> None:
        nonlocal failed
        try:
            await flush(self)
        except RedisError:
            failed += 1
            raise

    monkeypatch.setattr(RedisFrameStreams, "_flush", counted)
    pair = [Worker(RedisFrameStreams(valkey_server.url)) for _ in range(2)]
    async with _running(pair) as (writer, reader):
        key = uuid4()
        log = writer.own_log(key)
        log.append(DeltaEvent("before "))
        replica = await reader.replica(key)
        valkey_server.kill()
        log.append(END, last=True)
        try:
            await until(lambda: failed)
        finally:
            valkey_server.start()
        await until(lambda: replica.closed)
        assert bytes_of(replica) == bytes_of(log)


@pytest.fixture
async def redis_workers(valkey_server: ValkeyServer) -> AsyncIterator[tuple[Worker, Worker, Redis]]:
    """Two workers, and a stranger that can do to their Redis what it likes."""
    async with (
        Redis.from_url(valkey_server.url) as stranger,
        _running([Worker(RedisFrameStreams(valkey_server.url)) for _ in range(2)]) as (writer, reader),
    ):
        yield writer, reader, stranger


async def test_a_call_that_makes_no_sense_is_ignored(redis_workers: tuple[Worker, Worker, Redis]) -> None:
    caller, called, stranger = redis_workers
    key = uuid4()
    for nonsense in (b"", b"x", b"x" * 17, str(key).encode()):
        await stranger.publish("ai-chat:calls", nonsense)
    await caller.streams.call(key)
    await until(lambda: called.calls)
    assert called.calls == [key]


async def test_entries_that_make_no_sense_are_ignored_by_early_and_by_late_readers(
    redis_workers: tuple[Worker, Worker, Redis],
) -> None:
    writer, reader, stranger = redis_workers
    key = uuid4()
    log = writer.own_log(key)
    log.append(DeltaEvent("one "))
    early = await reader.replica(key)
    for nonsense in (b"", b"no end", b"more\n\nthan\n\nthere are\n\n"):
        await stranger.xadd(f"ai-chat:frames:{key}", {b"f": nonsense, b"e": b"0"}, id="1-*")
    await stranger.xadd(f"ai-chat:frames:{key}", {b"x": b"y"}, id="1-*")
    log.append(DeltaEvent("two "))
    await until(lambda: len(early) == 2)
    log.append(END, last=True)
    late = await writer.replica(key)
    await until(lambda: early.closed and late.closed)
    assert bytes_of(early) == bytes_of(late) == bytes_of(log)


async def test_an_entry_that_is_in_the_way_of_the_next_is_overcome(redis_workers: tuple[Worker, Worker, Redis]) -> None:
    writer, reader, stranger = redis_workers
    key = uuid4()
    log = writer.own_log(key)
    log.append(DeltaEvent("one "))
    replica = await reader.replica(key)
    await stranger.xadd(f"ai-chat:frames:{key}", {b"x": b"y"}, id="1000-0")
    log.append(END, last=True)
    await until(lambda: replica.closed)
    assert bytes_of(replica) == bytes_of(log)


async def test_a_stream_that_was_lost_unnoticed_is_written_anew(redis_workers: tuple[Worker, Worker, Redis]) -> None:
    writer, reader, stranger = redis_workers
    key = uuid4()
    log = writer.own_log(key)
    log.append(DeltaEvent("one "))
    early = await reader.replica(key)
    await stranger.delete(f"ai-chat:frames:{key}")
    log.append(END, last=True)
    late = await reader.replica(key)
    await until(lambda: early.closed and late.closed)
    assert bytes_of(early) == bytes_of(late) == bytes_of(log)


async def test_any_fault_of_a_worker_s_sharing_is_survived(
    redis_workers: tuple[Worker, Worker, Redis], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, reader, _ = redis_workers
    fail = [ValueError("a bug"), KeyError("another")]
    flush = RedisFrameStreams._flush

    async def faulty(self: RedisFrameStreams) -> None:
        if fail:
            raise fail.pop()
        await flush(self)

    monkeypatch.setattr(RedisFrameStreams, "_flush", faulty)
    key = uuid4()
    log = writer.own_log(key)
    log.append(END, last=True)
    replica = await reader.replica(key)
    assert bytes_of(replica) == bytes_of(log)


async def test_a_follower_is_forgotten_when_its_log_has_ended(workers: tuple[Worker, Worker]) -> None:
    writer, reader = workers
    key = uuid4()
    log = writer.own_log(key)
    log.append(DeltaEvent("one"))
    replica = await reader.replica(key)
    log.append(END, last=True)
    await until(lambda: replica.closed)
    assert reader.streams._followed == {}  # type: ignore[attr-defined]


@pytest.mark.parametrize("made", [RedisFrameStreams, RedisUserFeeds])
async def test_it_ends_though_redis_client_swallows_the_cancellation(
    made: type[RedisFrameStreams] | type[RedisUserFeeds], valkey_server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    swallowed = 0
    listening = asyncio.Event()

    async def deaf(self: PubSub, **options: Any) -> None:
        nonlocal swallowed
        listening.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            swallowed += 1

    monkeypatch.setattr(PubSub, "get_message", deaf)
    shared = made(valkey_server.url)
    work = shared.run(lambda _: None) if isinstance(shared, RedisFrameStreams) else shared.run()
    running = asyncio.create_task(work)
    await listening.wait()
    async with asyncio.timeout(4):
        await cancel_all([running])
    assert swallowed == 1
