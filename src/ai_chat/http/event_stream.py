"""A generation's log as an HTTP answer: one reader following it at its own pace, from any point."""

import asyncio
from collections.abc import Callable

import structlog
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from ai_chat.http.access import while_allowed
from ai_chat.http.uvicorn_protocol import DirectConnection, direct_connection
from ai_chat.relay.events import KEEP_ALIVE, KEEP_ALIVE_SECONDS
from ai_chat.relay.log import FrameLog

FULL_SECONDS = 60.0
"""How long a reader's connection may take nothing at all. It can come back and go on where it was."""
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]

log = structlog.get_logger()


class EventStream(Response):
    """A pure ASGI response. The reader leaving ends only the reading. A slow reader is served from the log, which is kept
    once for all readers: only the piece that is being sent lies with it, and one that takes nothing is let go.
    """

    def __init__(self, log: FrameLog, after: int = 0, translate: Callable[[bytes], bytes] | None = None) -> None:
        """`translate` turns whole frames into what is sent of them, for readers who speak another language."""
        super().__init__(None)
        self._log = log
        self._translate = translate
        self._after = after
        self._sent = 0
        """Pieces that the connection has taken."""
        self._sending = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        await while_allowed(scope, send, lambda: self._read(scope, receive, send))

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = direct_connection(scope)
        if connection is None:
            await self._through_asgi(receive, send)
        elif await DirectReading(self._log, self._after, connection, self._pieces()).end():
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _pieces(self) -> Callable[[int], tuple[bytes, int]]:
        """Gives what a reader is sent after frame `seq`, and the number of the last frame in it."""
        since, translate = self._log.since, self._translate
        if translate is None:
            return since

        def translated(seq: int) -> tuple[bytes, int]:
            frames, last = since(seq)
            return translate(frames), last

        return translated

    async def _through_asgi(self, receive: Receive, send: Send) -> None:
        following = asyncio.create_task(self._follow(send))
        leaving = asyncio.create_task(gone(receive))
        try:
            # One look a minute instead of a timer for every piece.
            seen = -1
            while not (await first_of(following, leaving, FULL_SECONDS)):
                if self._sending and self._sent == seen:
                    log.info("a reader takes nothing and is let go", seconds=FULL_SECONDS)
                    return
                seen = self._sent if self._sending else -1
            if following.done():
                following.result()
        finally:
            following.cancel()
            leaving.cancel()
            await asyncio.gather(following, leaving, return_exceptions=True)

    async def _follow(self, send: Send) -> None:
        log, seq, pieces = self._log, self._after, self._pieces()
        while True:
            if seq < len(log):
                piece, seq = pieces(seq)
                await self._send(send, _body(piece))
            elif log.closed:
                await self._send(send, {"type": "http.response.body", "body": b"", "more_body": False})
                return
            elif not await log.grown(KEEP_ALIVE_SECONDS):
                await self._send(send, _body(KEEP_ALIVE))

    async def _send(self, send: Send, message: Message) -> None:
        self._sending = True
        await send(message)  # waits while the reader's connection is full
        self._sending = False
        self._sent += 1


class DirectReading:
    """A reader that the log calls: what has grown is written at once, while its connection has room."""

    def __init__(
        self,
        log: FrameLog,
        after: int,
        connection: DirectConnection,
        pieces: Callable[[int], tuple[bytes, int]] | None = None,
    ) -> None:
        self._log = log
        self._pieces = pieces or log.since
        self._seq = after
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[bool] = self._loop.create_future()
        self._wrote = False
        self._waiting, self._since = 0, 0.0
        """What the reader had not taken when it last took something, and when that was."""

    async def end(self) -> bool:
        """Follows the log to its end; False where the connection ends before."""
        period = KEEP_ALIVE_SECONDS / 2
        self._log.follow(self.writable)
        self._connection.tell(self)
        try:
            self.writable()
            while not self._ended.done():
                await asyncio.wait({self._ended}, timeout=period)
                self._look()
            return self._ended.result()
        finally:
            self._log.unfollow(self.writable)
            self._connection.tell(None)

    def writable(self) -> None:
        """The log has grown, or the connection has room again. A piece at a time: only after each is it known how much the
        connection has taken.
        """
        log, connection = self._log, self._connection
        if self._ended.done() or connection.full:
            return
        there = len(log)
        if self._seq < there:
            piece, self._seq = self._pieces(self._seq)
            connection.write(piece)
            self._wrote = True
        if self._seq < there:
            self._loop.call_soon(self.writable)
        elif log.closed:
            self._ended.set_result(True)

    def lost(self) -> None:
        if not self._ended.done():
            self._ended.set_result(False)

    def _look(self) -> None:
        """Now and then: silence is filled with comments, and a reader that takes nothing for long is let go."""
        if self._connection.full:
            waiting, now = self._connection.waiting, self._loop.time()
            if waiting != self._waiting:
                self._waiting, self._since = waiting, now
            elif now - self._since >= FULL_SECONDS:
                log.info("a reader takes nothing and is let go", seconds=FULL_SECONDS)
                self._connection.abort()
                self.lost()
        elif not self._wrote:
            self._connection.write(KEEP_ALIVE)
        self._wrote = False


async def first_of(one: "asyncio.Task[None]", other: "asyncio.Task[None]", seconds: float) -> bool:
    """Whether one of the two has ended; waits for it at most `seconds`."""
    done, _ = await asyncio.wait({one, other}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)


def _body(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


async def gone(receive: Receive) -> None:
    """Returns when the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
