"""One connection to a model provider: an HTTP/1.1 exchange at a time, parsed where the bytes are read."""

import asyncio
import zlib

import httptools

from ai_chat.integrations.chat_completions.channel import Channel
from ai_chat.integrations.chat_completions.transport import Next, Receiver, TransportFailure
from ai_chat.relay.tick import Tick

KEPT_SECONDS = 60.0
"""How long a connection that nobody uses is kept."""
LARGEST_HEAD = 64 * 1024
_LARGEST_INFLATED = 32 * 1024 * 1024
_GZIP_OR_ZLIB = 47
_LINGER_SECONDS = 1.0
"""An answer is over with `[DONE]`; its connection can be used again once the last bytes behind that have come."""


class NeverAnswered(Exception):
    """The connection ended before a byte of an answer."""


class Connection:
    """An exchange at a time, and back into `idle` between them."""

    def __init__(self, channel: Channel, idle: "list[Connection]", opened: "set[Connection]", tick: Tick) -> None:
        self._channel = channel
        self._idle = idle
        self._opened = opened
        opened.add(self)
        self._tick = tick
        self._with_the_tick = False
        """Who asks the socket: the tick, or the event loop as soon as something comes."""
        self._loop = asyncio.get_running_loop()
        self._receiver: Receiver | None = None
        self._ended: asyncio.Future[None] | None = None
        """The exchange under way; None between exchanges, and while the rest of an answer is awaited."""
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        # The parser calls these while it reads.
        self._bodies: list[bytes] = []
        self.on_body = self._bodies.append
        self._headers: dict[str, str] = {}
        self._head_size = 0
        self._inflate: zlib._Decompress | None = None
        self._answered = self._complete = self._reusable = False
        self._loop.add_reader(channel.socket, self._readable)

    async def exchange(self, request: bytes, receiver: Receiver) -> None:
        if self._closed:
            raise NeverAnswered
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._receiver, self._headers, self._head_size = receiver, {}, 0
        self._answered = self._complete = False
        self._inflate = None
        self._parser = httptools.HttpResponseParser(self)
        self._ended = ended = self._loop.create_future()
        try:
            self._channel.send(request)
            await ended
        except BaseException as problem:
            # Cancelled the moment after its end, the connection is no longer this exchange's: another may have it by now.
            if ended.cancelled() or not ended.done() or ended.exception() is not None:
                self.close()
            if isinstance(problem, OSError):
                raise NeverAnswered from problem
            raise

    def close(self) -> None:
        """Breaks off, whatever is under way."""
        if self._closed:
            return
        self._closed = True
        self._opened.discard(self)
        if self in self._idle:
            self._idle.remove(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._with_the_tick:
            self._tick.unwatch(self._channel.socket)
        else:
            self._loop.remove_reader(self._channel.socket)
        self._channel.close()

    # The socket's side

    def _readable(self) -> None:
        try:
            data = self._channel.receive()
        except OSError as problem:
            return self._cut(problem)
        if data:
            self._received(data)
        if self._channel.ended and not self._closed:
            self._cut(None)
        return None

    def _received(self, data: bytes | memoryview) -> None:
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
                self._read_with_the_tick()
            elif wanted is Next.NOTHING and self._ended is not None:
                self._end(None)
                self._read_at_once()
                self._timer = self._loop.call_later(_LINGER_SECONDS, self.close)
        return None

    def _read_with_the_tick(self) -> None:
        if not self._with_the_tick:
            self._with_the_tick = True
            self._loop.remove_reader(self._channel.socket)
            self._tick.watch(self._channel.socket, self._readable)

    def _read_at_once(self) -> None:
        if self._with_the_tick:
            self._with_the_tick = False
            self._tick.unwatch(self._channel.socket)
            self._loop.add_reader(self._channel.socket, self._readable)

    def _cut(self, problem: OSError | None) -> None:
        """Nothing more comes."""
        self.close()
        if self._answered and problem is None and self._ends_with_connection():
            self._end(None)
        elif self._answered or self._head_size:
            why = problem or "end of data"
            self._end(TransportFailure(f"the connection was closed in the middle of an answer ({why})"))
        else:
            self._end(NeverAnswered())

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
        if not self._reusable or self._channel.ended:
            return self.close()
        self._read_at_once()
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
