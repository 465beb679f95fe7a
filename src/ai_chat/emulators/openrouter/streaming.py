"""Puts a script on the socket: pacing, the cutting of writes, resets, and noticing that nobody listens any more."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import zlib

from aiohttp import web

from ai_chat.emulators.openrouter.framing import Framing, pieces
from ai_chat.emulators.openrouter.generations import Generation, Outcome
from ai_chat.emulators.openrouter.knobs import Knobs
from ai_chat.emulators.openrouter.script import Cut, End, Pause, Script, Send

#: A large answer at full speed leaves in writes of about this size, so that other streams get their turn.
_WRITE_SIZE = 256 * 1024
_PACKED = 5


class Speaker:
    """Performs one script on one response."""

    def __init__(
        self, request: web.Request, response: web.StreamResponse, generation: Generation, knobs: Knobs
    ) -> None:
        self._request = request
        self._response = response
        self._generation = generation
        self._knobs = knobs
        self._loop = asyncio.get_running_loop()
        self._random = random.Random(f"{knobs.seed}:{generation.id}")
        self._buffer = bytearray()
        self._buffered_tokens = 0
        self._buffered_events = 0
        self._batch = knobs.batch or (_PACKED if knobs.has("packed") else 0)
        self._gzip = zlib.compressobj(wbits=31) if knobs.has("gzip") else None
        self._due = 0.0

    async def perform(self, script: Script, framing: Framing) -> Outcome:
        """Play it to the end. CancelledError and ConnectionError mean that the client has left."""
        for step in script:
            match step:
                case Send():
                    await self._send(step)
                case Pause():
                    await self._flush()
                    await self._pause(step, framing)
                case Cut():
                    await self._flush()
                    await cut(self._request, step.how, step.torn)
                    return "cancelled"
                case End():
                    await self._flush(last=True)
                    await self._response.write_eof()
                    return step.outcome
        raise AssertionError("a script ends with Cut or End")

    async def _send(self, step: Send) -> None:
        if step.tokens and self._knobs.speed:
            await self._keep_time(step.tokens)
        self._buffer += step.data
        self._buffered_tokens += step.tokens
        self._buffered_events += 1
        full = self._batch and self._buffered_events >= self._batch
        if full or len(self._buffer) >= _WRITE_SIZE:
            await self._flush()

    async def _keep_time(self, tokens: int) -> None:
        """Wait for the token's moment; a late stream sends what is overdue in one write and catches up."""
        gap = tokens / self._knobs.speed
        if self._knobs.jitter:
            gap *= 1 + self._knobs.jitter * (2 * self._random.random() - 1)
        now = self._loop.time()
        self._due = (self._due or now) + gap
        if self._due > now:
            if not self._batch:
                await self._flush()
            await asyncio.sleep(self._due - now)

    async def _pause(self, step: Pause, framing: Framing) -> None:
        deadline = self._loop.time() + step.seconds
        while (left := deadline - self._loop.time()) > 0:
            await asyncio.sleep(min(left, step.keepalive or left))
            if step.keepalive:
                await self._write(framing.comment())
        self._due = 0.0

    async def _flush(self, *, last: bool = False) -> None:
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            self._generation.sent_tokens += self._buffered_tokens
            self._buffered_tokens = self._buffered_events = 0
            await self._write(data)
        if last and self._gzip:
            await self._response.write(self._gzip.flush())

    async def _write(self, data: bytes) -> None:
        for index, piece in enumerate(pieces(data, self._knobs)):
            if index:
                await asyncio.sleep(self._knobs.byte_ms / 1000)
            if self._gzip:
                packed = self._gzip.compress(piece) + self._gzip.flush(zlib.Z_SYNC_FLUSH)
                await self._response.write(packed)
            elif piece:
                await self._response.write(piece)


async def cut(request: web.Request, how: str, torn: bytes = b"") -> None:
    """End the connection by force: "reset" sends RST, "truncate" closes it inside an HTTP chunk that never ends."""
    transport = request.transport
    if transport is None:
        return
    if torn:
        transport.write(b"%x\r\n" % (len(torn) * 2) + torn)
        # One turn of the loop, so that a reader in this process sees the torn piece before the reset.
        await asyncio.sleep(0.001)
    if how == "reset":
        plain: socket.socket | None = transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
