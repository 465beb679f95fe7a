"""The mock upstream: OpenRouter's bytes as cheaply as Python can send them. One timer serves all streams.

python -m bench.mock PORT MODEL…
"""

import asyncio
import json
import os
import sys
from collections import defaultdict
from contextlib import suppress
from typing import cast

import uvloop

from bench.wire import Chunks, Speed

TICK = 0.005
"""Streams of one rate are spread over the ticks of its period by the moment they began."""


class Upstream:
    """All running streams, by rate and by the tick of the period in which they are due."""

    def __init__(self, models: list[str]) -> None:
        rows = [
            {
                "id": model,
                "name": f"Bench: {model}",
                "context_length": 128_000,
                "pricing": {"prompt": "0", "completion": "0"},
            }
            for model in models
        ]
        listing = json.dumps({"data": rows}).encode()
        self.listing = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
            len(listing),
            listing,
        )
        self._chunks: dict[str, Chunks] = {}
        self._due: dict[int, defaultdict[int, list[Stream]]] = {}
        self._tick = 0
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._loop.call_later(TICK, self._on_tick)

    def open(self, model: str, transport: asyncio.Transport) -> None:
        speed = Speed.of(model)
        chunks = self._chunks.get(model)
        if chunks is None:
            chunks = self._chunks[model] = Chunks(speed)
        if speed.rate == 0:
            transport.write(chunks.begin + chunks.token() * speed.tokens + chunks.end)
            return
        transport.write(chunks.begin)
        period = max(1, round(1 / speed.rate / TICK))
        slots = self._due.setdefault(period, defaultdict(list))
        slots[self._tick % period].append(Stream(transport, model, speed.tokens))

    def _on_tick(self) -> None:
        behind = int((self._loop.time() - self._began) / TICK)
        while self._tick < behind:
            self._tick += 1
            tokens: dict[str, bytes] = {}
            for period, slots in self._due.items():
                slot = self._tick % period
                if streams := slots.get(slot):
                    slots[slot] = [stream for stream in streams if self._step(stream, tokens)]
        self._loop.call_at(self._began + (self._tick + 1) * TICK, self._on_tick)

    def _step(self, stream: "Stream", tokens: dict[str, bytes]) -> bool:
        """One token of one stream; False where it was the last."""
        if stream.transport.is_closing():
            return False
        token = tokens.get(stream.model)
        if token is None:
            token = tokens[stream.model] = self._chunks[stream.model].token()
        stream.left -= 1
        if stream.left:
            stream.send(token)
            return True
        stream.send(token + self._chunks[stream.model].end)
        return False


class Stream:
    """One running answer."""

    __slots__ = ("_file", "left", "model", "transport")

    def __init__(self, transport: asyncio.Transport, model: str, tokens: int) -> None:
        self.transport = transport
        self.model = model
        self.left = tokens
        self._file = transport.get_extra_info("socket").fileno()

    def send(self, data: bytes) -> None:
        """Straight into the socket, which costs half of what the event loop's way does; what finds no room goes that way."""
        if not self.transport.get_write_buffer_size():
            with suppress(BlockingIOError):
                data = data[os.write(self._file, data) :]
        if data:
            self.transport.write(data)


class Connection(asyncio.Protocol):
    """One kept-alive connection of a client that sends a request at a time."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=2**30)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        if head.startswith(b"GET"):
            self._buffer = b""
            self._transport.write(self._upstream.listing)
        elif (whole := _whole_body(head.lower(), body)) is not None:
            self._buffer = b""
            self._upstream.open(json.loads(whole)["model"], self._transport)


def _whole_body(head: bytes, body: bytes) -> bytes | None:
    """The body once it is complete, sent with a length or in chunks."""
    if b"content-length:" in head:
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return body if len(body) >= length else None
    if not body.endswith(b"0\r\n\r\n"):
        return None
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        whole += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]
    return whole


async def _serve(port: int, models: list[str]) -> None:
    upstream = Upstream(models)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(upstream), "127.0.0.1", port, backlog=4096
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), sys.argv[2:]))
