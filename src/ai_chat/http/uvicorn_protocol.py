"""The one file that knows uvicorn's inside: lets a response write its pieces straight to the connection, and lets nobody
keep a connection without asking anything.

Through ASGI every piece of a stream wakes a task and passes each layer of middleware as a coroutine, which costs several
times what writing it costs (docs/decisions/0013). A response that wants to do without finds a `DirectConnection` in its
scope, on other servers none; it begins and ends through ASGI all the same. uvicorn is pinned, and tests hold on to this.
"""

import asyncio
from typing import Protocol, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_EXTENSION = "ai_chat.direct_connection"
HEAD_SECONDS = 60.0
"""So long a request's head may take, and the first one of a connection to begin."""
MOST_HEAD_BYTES = 64 * 1024
"""About: what is read at once with its end is not measured."""


class Writer(Protocol):
    """Who writes to a connection, and wants to know of it."""

    def writable(self) -> None:
        """There is room again."""

    def lost(self) -> None:
        """The connection is gone."""


class DirectConnection:
    """The body of the response that a connection is carrying, after its head has been sent through ASGI."""

    def __init__(self, protocol: "DirectProtocol") -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self._flow = protocol.flow

    @property
    def full(self) -> bool:
        """What is written now would pile up."""
        return self._flow.write_paused

    @property
    def waiting(self) -> int:
        """Bytes that the reader has not taken yet."""
        return self._transport.get_write_buffer_size()

    def tell(self, writer: Writer | None) -> None:
        """From now on `writer` is told; at once where the connection is gone already."""
        self._protocol.writer = writer
        if writer is not None and self._transport.is_closing():
            writer.lost()

    def write(self, body: bytes) -> None:
        """A piece of the body, as a chunk of HTTP/1.1."""
        if not self._transport.is_closing():
            self._transport.write(b"%x\r\n%b\r\n" % (len(body), body))

    def abort(self) -> None:
        """Drops the connection with all that its reader has not taken."""
        self._transport.abort()


class DirectProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, which hands its connection to whoever writes directly, and does not wait for ever for the head
    of a request, or for its end: uvicorn would, and keep all of it in memory.
    """

    writer: Writer | None = None
    _head: asyncio.TimerHandle | None = None
    """While a request's head is waited for: when that is given up."""
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        awaited = self._head
        super().data_received(data)
        if self._head is not None and self._head is awaited:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self.send_400_response("The request's head is too large.")
        elif self._head is None and getattr(self.cycle, "response_complete", False):
            self._await_head()  # neither a request nor silence, which uvicorn would have ended

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._forget_head()
        super().on_headers_complete()
        cast("dict[str, object]", self.scope)["extensions"] = {_EXTENSION: DirectConnection(self)}

    def _await_head(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _forget_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
        self._head, self._head_bytes = None, 0

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.writer is not None:
            self.writer.writable()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)
        if self.writer is not None:
            self.writer.lost()


def direct_connection(scope: Scope) -> DirectConnection | None:
    """The connection of a response whose body goes out in chunks; None on another server."""
    connection = cast("DirectConnection | None", scope.get("extensions", {}).get(_EXTENSION))
    if connection is None or not connection._protocol.cycle.chunked_encoding:
        return None
    return connection
