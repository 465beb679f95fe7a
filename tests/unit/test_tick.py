"""One beat for all: what has arrived is read, then all frames leave; and what nobody watches is left alone."""

import asyncio
import socket
from collections.abc import Callable, Iterator

import pytest

from ai_chat.relay import tick as tick_module
from ai_chat.relay.tick import MANY, MANY_SECONDS, SHORTEST_SECONDS, Tick
from tests.unit.relay_fakes import until


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        yield ours, theirs


async def test_what_a_beat_reads_leaves_with_the_same_beat(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    tick, done = Tick(), []

    def read() -> None:
        done.append(f"read {ours.recv(100).decode()}")
        tick.make_frame(lambda: done.append("frame"))

    tick.watch(ours, read)
    for word in ("a", "b"):
        theirs.send(word.encode())
        await until(lambda: done[-1:] == ["frame"])
        assert done == [f"read {word}", "frame"]
        done.clear()
    tick.unwatch(ours)


async def test_a_frame_does_not_wait_until_all_streams_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick_module, "TOGETHER", 1)
    tick, done = Tick(), []
    pairs = [socket.socketpair() for _ in range(3)]

    def reading(number: int) -> Callable[[], None]:
        def read() -> None:
            pairs[number][0].recv(100)
            done.append(f"read {number}")
            tick.make_frame(lambda: done.append(f"frame {number}"))

        return read

    for number, (ours, theirs) in enumerate(pairs):
        theirs.send(b"x")
        tick.watch(ours, reading(number))
    tick.make_frame(lambda: done.append("waiting before"))
    await until(lambda: len(done) == 7)
    assert sorted(done[:-1:2]) == ["read 0", "read 1", "read 2"]
    assert done[1:-1:2] == [step.replace("read", "frame") for step in done[:-1:2]]
    assert done[-1] == "waiting before"
    for ours, theirs in pairs:
        tick.unwatch(ours)
        ours.close()
        theirs.close()


async def test_frames_come_without_anything_to_read() -> None:
    tick, done = Tick(), asyncio.Event()
    tick.make_frame(done.set)
    await done.wait()


async def test_what_is_not_watched_any_more_is_not_read(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    tick, beats = Tick(), []
    tick.watch(ours, lambda: beats.append("read"))
    tick.unwatch(ours)
    theirs.send(b"x")
    tick.make_frame(lambda: beats.append("frame"))
    await until(lambda: beats == ["frame"])
    assert ours.recv(100) == b"x"


async def test_a_socket_may_stop_being_watched_while_it_is_read(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    tick, read = Tick(), asyncio.Event()

    def read_once() -> None:
        tick.unwatch(ours)
        read.set()

    tick.watch(ours, read_once)
    theirs.send(b"x")
    await read.wait()
    tick.watch(ours, read.set)  # and be watched again
    read.clear()
    await read.wait()
    tick.unwatch(ours)


async def test_of_many_streams_each_has_fewer_frames() -> None:
    tick, rested = Tick(), asyncio.Event()
    pairs = [socket.socketpair() for _ in range(MANY)]
    for ours, _ in pairs:
        ours.setblocking(False)
        tick.watch(ours, lambda: None)
    assert tick.seconds == SHORTEST_SECONDS
    for _ in range(2):
        rested.clear()
        tick.make_frame(rested.set)
        await rested.wait()
    assert tick.seconds >= MANY_SECONDS
    for ours, theirs in pairs:
        tick.unwatch(ours)
        ours.close()
        theirs.close()
