"""A log as an ASGI answer: whoever leaves ends only their own reading, and a slow reader costs no memory."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from ai_chat.http import event_stream
from ai_chat.http.event_stream import EventStream
from ai_chat.relay.events import KEEP_ALIVE_SECONDS, DeltaEvent
from ai_chat.relay.log import HANDED_OUT, FrameLog
from tests.unit.relay_fakes import bytes_of, until

Message = MutableMapping[str, Any]


class Connection:
    """An ASGI server's side of one request."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.left = asyncio.Event()
        self.flowing = asyncio.Event()
        self.flowing.set()

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.flowing.wait()
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    def answer(self, log: FrameLog, after: int = 0) -> asyncio.Task[None]:
        return asyncio.create_task(EventStream(log, after)({"type": "http"}, self.receive, self.send))


def log_with(*texts: str, closed: bool = False) -> FrameLog:
    log = FrameLog()
    for number, text in enumerate(texts):
        log.append(DeltaEvent(text), last=closed and number == len(texts) - 1)
    return log


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_headers_are_the_contracts() -> None:
    connection = Connection()
    await connection.answer(log_with("a", closed=True))
    start = connection.sent[0]
    assert start["status"] == 200
    assert dict(start["headers"]) == {
        b"content-type": b"text/event-stream",
        b"cache-control": b"no-cache",
        b"x-accel-buffering": b"no",
    }


async def test_a_closed_log_is_answered_whole_and_ended() -> None:
    connection, log = Connection(), log_with("a", "b", closed=True)
    await connection.answer(log)
    assert connection.body == bytes_of(log)
    assert connection.sent[-1]["more_body"] is False


async def test_what_lies_ready_leaves_as_one_piece() -> None:
    connection = Connection()
    await connection.answer(log_with(*"abcdefgh", closed=True))
    assert len([message for message in connection.sent if message.get("body")]) == 1


async def test_a_reader_may_begin_after_any_frame() -> None:
    connection, log = Connection(), log_with("a", "b", "c", closed=True)
    await connection.answer(log, after=2)
    assert connection.body == bytes_of(log, 2)


async def test_frames_go_out_as_they_come() -> None:
    connection, log = Connection(), log_with("a")
    answering = connection.answer(log)
    await settle()
    assert connection.body == bytes_of(log)
    log.append(DeltaEvent("b"), last=True)
    await answering
    assert connection.body == bytes_of(log)


async def test_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "KEEP_ALIVE_SECONDS", 0.01)
    connection, log = Connection(), log_with("a")
    answering = connection.answer(log)
    await asyncio.sleep(0.08)
    log.append(DeltaEvent("b"), last=True)
    await answering
    assert connection.body.count(b": keep-alive\n\n") >= 2
    assert connection.body.replace(b": keep-alive\n\n", b"") == bytes_of(log)


async def test_the_contracts_fifteen_seconds_are_kept() -> None:
    assert KEEP_ALIVE_SECONDS <= 15


async def test_a_reader_that_leaves_ends_only_its_own_reading() -> None:
    leaving, staying, log = Connection(), Connection(), log_with("a")
    first, second = leaving.answer(log), staying.answer(log)
    await settle()
    leaving.left.set()
    await first
    log.append(DeltaEvent("b"), last=True)
    await second
    assert leaving.body == bytes_of(log_with("a"))
    assert staying.body == bytes_of(log)


async def test_a_reader_that_leaves_while_its_connection_is_full_is_let_go() -> None:
    connection = Connection()
    answering = connection.answer(log_with("a"))
    await settle()
    connection.flowing.clear()
    connection.left.set()
    async with asyncio.timeout(1):
        await answering


async def test_a_full_connection_gets_large_pieces_later_and_nothing_piles_up_for_it() -> None:
    connection, log = Connection(), log_with("a")
    answering = connection.answer(log)
    await settle()
    connection.flowing.clear()
    sent = len(connection.sent)
    for _ in range(1000):
        log.append(DeltaEvent("x" * 100))
        await asyncio.sleep(0)
    assert len(connection.sent) == sent
    assert len(asyncio.all_tasks()) < 10
    log.append(DeltaEvent("end"), last=True)
    connection.flowing.set()
    await answering
    assert connection.body == bytes_of(log)
    pieces = [len(message["body"]) for message in connection.sent[sent:]]
    assert len(pieces) <= 5
    assert max(pieces) < HANDED_OUT + 200


async def test_a_reader_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "FULL_SECONDS", 0.01)
    before, connection, log = asyncio.all_tasks(), Connection(), log_with("a")
    answering = connection.answer(log)
    await settle()
    connection.flowing.clear()
    log.append(DeltaEvent("b"))
    async with asyncio.timeout(5):
        await answering
    assert connection.body == bytes_of(log_with("a"))
    assert asyncio.all_tasks() == before


async def test_a_reader_with_nothing_to_take_is_not_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "FULL_SECONDS", 0.001)
    looks = 0
    first_of = event_stream.first_of

    async def counted(*args: Any) -> bool:
        nonlocal looks
        looks += 1
        return await first_of(*args)

    monkeypatch.setattr(event_stream, "first_of", counted)
    connection, log = Connection(), log_with("a")
    answering = connection.answer(log)
    await until(lambda: looks > 5)
    log.append(DeltaEvent("b"), last=True)
    await answering
    assert connection.body == bytes_of(log)


async def test_a_connection_that_breaks_is_an_error_of_this_reader_alone() -> None:
    log = log_with("a")

    async def broken(_: Message) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await EventStream(log)({"type": "http"}, Connection().receive, broken)
    log.append(DeltaEvent("b"), last=True)
    assert log.closed


async def test_a_cancelled_answer_leaves_no_task_behind() -> None:
    before = asyncio.all_tasks()
    answering = Connection().answer(log_with("a"))
    await settle()
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    await settle()
    left = asyncio.all_tasks() - before
    for task in left:
        task.cancel()
    assert not left
