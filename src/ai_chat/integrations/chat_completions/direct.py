"""The transport that carries tokens cheaply: HTTP/1.1 parsed where the bytes arrive, no task wake-up on the way.

A general HTTP client wakes a task for every piece it reads, which costs several times what is done with the piece
(docs/decisions/0013).
This one does what asking a model needs, and nothing else: POST, kept-alive connections, TLS.
"""

import asyncio
import ssl
import zlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast
from urllib.parse import unquote, urlsplit

import httptools

from ai_chat.integrations.chat_completions.transport import CONNECT_SECONDS, Next, Receiver, TransportFailure
from ai_chat.relay.tick import Tick

KEPT_SECONDS = 60.0
"""How long a connection that nobody uses is kept."""
LARGEST_HEAD = 64 * 1024
_LARGEST_INFLATED = 32 * 1024 * 1024
_GZIP_OR_ZLIB = 47
_LINGER_SECONDS = 1.0
"""An answer is over with `[DONE]`; its connection can be used again once the last bytes behind that have come."""


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a connection leads."""

    host: str
    port: int
    secure: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class DirectTransport:
    """Implements `Transport` on connections of its own."""

    def __init__(self, tick: Tick | None = None) -> None:
        self._tick = tick or Tick()
        self._idle: dict[_Origin, list[_Connection]] = {}

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, receiver: Receiver) -> None:
        origin, request = _request(url, headers, body)
        while (kept := self._take(origin)) is not None:
            try:
                return await kept.exchange(request, receiver)
            except _NeverAnswered:
                continue  # the server had closed it meanwhile: whatever is kept may be as old
        try:
            await (await self._connect(origin)).exchange(request, receiver)
        except _NeverAnswered as problem:
            raise TransportFailure(f"{origin} closed the connection without an answer") from problem

    async def close(self) -> None:
        for connections in self._idle.values():
            for connection in list(connections):
                connection.close()

    def _take(self, origin: _Origin) -> "_Connection | None":
        """The connection that was used last: the others may time out."""
        kept = self._idle.get(origin)
        return kept.pop() if kept else None

    async def _connect(self, origin: _Origin) -> "_Connection":
        loop, idle = asyncio.get_running_loop(), self._idle.setdefault(origin, [])
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(
                    lambda: _Connection(idle, self._tick),
                    origin.host,
                    origin.port,
                    ssl=_tls() if origin.secure else None,
                )
        except TimeoutError as problem:
            raise TransportFailure(f"{origin} did not take the connection in {CONNECT_SECONDS} s") from problem
        except (OSError, ValueError) as problem:  # ValueError: a name that cannot be one
            raise TransportFailure(f"{origin} {type(problem).__name__}: {problem}") from problem
        return connection


class _NeverAnswered(Exception):
    """The connection ended before a byte of an answer."""


class _Connection(asyncio.Protocol):
    """One connection: an exchange at a time, and back into `idle` between them."""

    def __init__(self, idle: "list[_Connection]", tick: Tick) -> None:
        self._tick = tick
        self._idle = idle
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._receiver: Receiver | None = None
        self._ended: asyncio.Future[None] | None = None
        """The exchange under way; None between exchanges, and while the rest of an answer is awaited."""
        self._timer: asyncio.TimerHandle | None = None
        self._lost = False
        # The parser calls these while it reads.
        self._bodies: list[bytes] = []
        self.on_body = self._bodies.append
        self._headers: dict[str, str] = {}
        self._head_size = 0
        self._inflate: zlib._Decompress | None = None
        self._answered = self._complete = self._reusable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    async def exchange(self, request: bytes, receiver: Receiver) -> None:
        if self._lost or self._transport.is_closing():
            raise _NeverAnswered
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._receiver, self._headers, self._head_size = receiver, {}, 0
        self._answered = self._complete = False
        self._inflate = None
        self._parser = httptools.HttpResponseParser(self)
        self._ended = ended = self._loop.create_future()
        self._transport.write(request)
        try:
            await ended
        except BaseException:
            # Cancelled the moment after its end, the connection is no longer this exchange's: another may have it by now.
            if ended.cancelled() or not ended.done() or ended.exception() is not None:
                self.close()
            raise

    def close(self) -> None:
        """Breaks off, whatever is under way."""
        self._lost = True
        self._transport.abort()

    # The socket's side

    def data_received(self, data: bytes) -> None:
        receiver = self._receiver
        if receiver is None:
            return self.close()  # nobody has asked for anything
        try:
            self._parser.feed_data(data)
            if not self._answered:
                self._head_size += len(data)
                if self._head_size > LARGEST_HEAD:
                    raise TransportFailure(f"a head of more than {LARGEST_HEAD} bytes")
            wanted = Next.AT_ONCE
            if self._bodies:
                piece = self._bodies[0] if len(self._bodies) == 1 else b"".join(self._bodies)
                self._bodies.clear()
                if self._inflate is not None:
                    piece = self._inflated(piece)
                wanted = receiver.data(piece) if self._ended is not None else Next.NOTHING
        except httptools.HttpParserError as problem:
            ours = problem.__context__  # what `on_headers_complete` raises
            self._end(ours if isinstance(ours, TransportFailure) else TransportFailure(f"this is no HTTP: {problem}"))
        except Exception as problem:  # noqa: BLE001 - whoever waits for the answer gets it
            self._end(problem)
        else:
            if self._complete:
                self._end(None)
                self._keep()
            elif wanted is Next.WITH_THE_TICK:
                self._transport.pause_reading()
                self._tick.read_on(self._read_on)
            elif wanted is Next.NOTHING and self._ended is not None:
                self._end(None)
                self._timer = self._loop.call_later(_LINGER_SECONDS, self.close)
        return None

    def _read_on(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if self in self._idle:
            self._idle.remove(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._answered and exc is None and self._ends_with_connection():
            self._end(None)
        elif self._answered or self._head_size:
            self._end(
                TransportFailure(f"the connection was closed in the middle of an answer ({exc or 'end of data'})")
            )
        else:
            self._end(_NeverAnswered())

    def _inflated(self, piece: bytes) -> bytes:
        assert self._inflate is not None
        try:
            plain = self._inflate.decompress(piece, _LARGEST_INFLATED)
        except zlib.error as problem:
            raise TransportFailure(f"compressed bytes that make no sense: {problem}") from problem
        if self._inflate.unconsumed_tail:
            raise TransportFailure(f"a piece that unpacks to more than {_LARGEST_INFLATED} bytes")
        return plain

    def _end(self, problem: Exception | None) -> None:
        ended, self._ended = self._ended, None
        if problem is not None:
            self._receiver = None
        if ended is not None and not ended.done():
            if problem is None:
                ended.set_result(None)
            else:
                ended.set_exception(problem)

    def _keep(self) -> None:
        """Back among those that can be used, unless the server wants it closed."""
        self._receiver = None
        if self._timer is not None:
            self._timer.cancel()
        if not self._reusable or self._transport.is_closing():
            return self.close()
        self._timer = self._loop.call_later(KEPT_SECONDS, self.close)
        self._idle.append(self)
        return None

    def _ends_with_connection(self) -> bool:
        return "content-length" not in self._headers and "transfer-encoding" not in self._headers

    # The parser's side

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # `100 Continue` and its like announce the answer
            self._headers.clear()
            return
        self._answered = True
        encoding = self._headers.get("content-encoding", "identity").lower()
        if encoding in ("gzip", "x-gzip", "deflate"):  # some send it unasked
            self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        elif encoding not in ("identity", ""):
            raise TransportFailure(f"compressed by {encoding}, though asked not to")
        if self._receiver is not None:
            self._receiver.begin(status, self._headers)

    def on_message_complete(self) -> None:
        self._complete = self._answered
        self._reusable = self._parser.should_keep_alive()  # afterwards it is forgotten


@cache
def _tls() -> ssl.SSLContext:
    """One for the process: making one costs as much as a thousand tokens."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _request(url: str, headers: Mapping[str, str], body: bytes) -> tuple[_Origin, bytes]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    origin = _Origin(parts.hostname or "", parts.port or (443 if secure else 80), secure)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    all_headers = {"Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "identity", **headers}
    if parts.username is not None and "Authorization" not in all_headers:
        signature = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        all_headers["Authorization"] = f"Basic {b64encode(signature.encode()).decode()}"
    lines = [f"{name}: {value}" for name, value in all_headers.items()]
    if any("\r" in line or "\n" in line for line in (path, *lines)):
        raise TransportFailure("a header or the address has a line end in it")
    head = "\r\n".join((f"POST {path} HTTP/1.1", *lines, f"Content-Length: {len(body)}", "", ""))
    return origin, head.encode() + body
