"""The transport that carries tokens cheaply: HTTP/1.1 parsed where the bytes arrive, no task wake-up on the way.

A general HTTP client wakes a task for every piece it reads, which costs several times what is done with the piece
(docs/decisions/0013).
This one does what asking a model needs, and nothing else: POST, kept-alive connections, TLS.
"""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ai_chat.integrations.chat_completions.channel import LARGEST_READING, connect
from ai_chat.integrations.chat_completions.connection import Connection, NeverAnswered
from ai_chat.integrations.chat_completions.transport import CONNECT_SECONDS, Receiver, TransportFailure
from ai_chat.relay.tick import Tick


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
        self._buffer = memoryview(bytearray(LARGEST_READING))
        """For all connections: what is read is taken at once."""
        self._idle: dict[_Origin, list[Connection]] = {}
        self._opened: set[Connection] = set()
        """All of them: also those in use, and those on which the rest of an answer is awaited."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, receiver: Receiver) -> None:
        origin, request = _request(url, headers, body)
        while (kept := self._take(origin)) is not None:
            try:
                return await kept.exchange(request, receiver)
            except NeverAnswered:
                continue  # the server had closed it meanwhile: whatever is kept may be as old
        try:
            await (await self._connect(origin)).exchange(request, receiver)
        except NeverAnswered as problem:
            raise TransportFailure(f"{origin} closed the connection without an answer") from problem

    async def close(self) -> None:
        for connection in list(self._opened):
            connection.close()

    def _take(self, origin: _Origin) -> Connection | None:
        """The connection that was used last: the others may time out."""
        kept = self._idle.get(origin)
        return kept.pop() if kept else None

    async def _connect(self, origin: _Origin) -> Connection:
        idle = self._idle.setdefault(origin, [])
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                channel = await connect(origin.host, origin.port, secure=origin.secure, buffer=self._buffer)
        except TimeoutError as problem:
            raise TransportFailure(f"{origin} did not take the connection in {CONNECT_SECONDS} s") from problem
        except (OSError, ValueError) as problem:  # ValueError: a name that cannot be one
            raise TransportFailure(f"{origin} {type(problem).__name__}: {problem}") from problem
        return Connection(channel, idle, self._opened, self._tick)


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
