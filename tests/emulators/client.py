"""A naked HTTP client: it keeps status, headers and every HTTP chunk apart, since each chunk is one write of the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import urlsplit

JsonObject: TypeAlias = "dict[str, object]"
MODEL = "openai/gpt-4o-mini"


@dataclass
class Reply:
    """One answer as it came. `broken` is the exception that ended it, if it did not end properly."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    broken: Exception | None = None

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    def json(self) -> dict[str, object]:
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value

    @property
    def error(self) -> dict[str, object]:
        error = self.json()["error"]
        assert isinstance(error, dict)
        return error

    @property
    def payloads(self) -> list[str]:
        """The data of every event, for streams with plain line ends."""
        blocks = self.body.decode().split("\n\n")
        return [block.removeprefix("data: ") for block in blocks if block.startswith("data: ")]

    @property
    def events(self) -> list[Event]:
        return [Event(json.loads(payload)) for payload in self.payloads if payload.startswith("{")]

    @property
    def text(self) -> str:
        return "".join(event.content for event in self.events)

    @property
    def usages(self) -> list[dict[str, object]]:
        return [usage for event in self.events if isinstance(usage := event.value.get("usage"), dict)]


@dataclass
class Event:
    """One chunk of a stream."""

    value: dict[str, object]

    @property
    def choice(self) -> dict[str, object]:
        choices = self.value.get("choices")
        return choices[0] if isinstance(choices, list) and choices else {}

    @property
    def delta(self) -> dict[str, object]:
        delta = self.choice.get("delta")
        return delta if isinstance(delta, dict) else {}

    @property
    def content(self) -> str:
        content = self.delta.get("content")
        return content if isinstance(content, str) else ""


class Client:
    """Opens one connection per request."""

    def __init__(self, base_url: str, api_key: str) -> None:
        parts = urlsplit(base_url)
        self._host, self._port, self._base = parts.hostname or "", parts.port or 0, parts.path
        self._key = api_key
        self._open: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._open:
            await hang_up(writer)

    async def ask(
        self, model: str = MODEL, text: str = "Hello", headers: dict[str, str] | None = None, **body: object
    ) -> Reply:
        """One streamed question, read to its end."""
        asked: JsonObject = {"model": model, "stream": True, "messages": [{"role": "user", "content": text}], **body}
        return await self.send("POST", "/chat/completions", asked, headers)

    async def get(self, path: str, key: str | None = None) -> Reply:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return await self.send("GET", path, None, headers)

    async def send(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
        reader, writer = await self.open(method, path, body, headers)
        reply = Reply()
        try:
            await read_head(reader, reply)
            await _read_body(reader, reply)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            reply.broken = error
        finally:
            await hang_up(writer)
        return reply

    async def open(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send a request and leave the answer to the caller."""
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=2**24)
        self._open.append(writer)
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {
            "Host": f"{self._host}:{self._port}",
            "Authorization": f"Bearer {self._key}",
            "Content-Length": str(len(data)),
            "Connection": "close",
            **(headers or {}),
        }
        target = path if path.startswith("/_") else self._base + path
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value)]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        await writer.drain()
        return reader, writer


async def read_head(reader: asyncio.StreamReader, reply: Reply) -> None:
    """Status line and headers."""
    reply.status = int((await reader.readuntil(b"\r\n")).split()[1])
    while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
        name, _, value = line.decode().strip().partition(": ")
        reply.headers[name.lower()] = value


async def read_chunk(reader: asyncio.StreamReader) -> bytes:
    """One HTTP chunk; empty at the end of the body."""
    size = int(await reader.readuntil(b"\r\n"), 16)
    return (await reader.readexactly(size + 2))[:-2]


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def _read_body(reader: asyncio.StreamReader, reply: Reply) -> None:
    if "content-length" in reply.headers:
        reply.chunks.append(await reader.readexactly(int(reply.headers["content-length"])))
        return
    while True:
        try:
            chunk = await read_chunk(reader)
        except asyncio.IncompleteReadError as error:
            reply.chunks.append(error.partial)
            raise
        if not chunk:
            return
        reply.chunks.append(chunk)
