"""A stand-in for a transaction pooler between the product and PostgreSQL, and what gives one away.

Like PgBouncer it announces a process of its own to each client and passes each transaction to whichever of a few server
connections is free. It speaks just enough of PostgreSQL's protocol for that.
"""

import asyncio
import struct
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_IDLE = b"I"


class Pooler:
    """Multiplexes transactions of any number of clients on `size` server connections."""

    def __init__(self, server_socket: Path, folder: Path, size: int = 2) -> None:
        self._server_socket = server_socket
        self._size = size
        self.folder = folder
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []
        self._greeting = b""
        self._startup = b""
        self._opened = 0
        self._handlers: set[asyncio.Task[None]] = set()
        self.transactions = 0

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_unix_server(self._serve, self.folder / ".s.PGSQL.5432")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()
        for task in self._handlers:
            task.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        for writer in self._writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        try:
            await self._client(reader, writer)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass
        finally:
            self._handlers.discard(task)
            writer.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack("!I", await reader.readexactly(4))
        self._startup = struct.pack("!I", size) + await reader.readexactly(size - 4)
        self._free.put_nowait(await self._take())
        writer.write(self._greeting)
        asked = asyncio.create_task(_message(reader))
        try:
            while (message := await asked)[:1] != b"X":
                answers, questions = await self._take()
                self.transactions += 1
                asked = await _transaction(message, reader, writer, answers, questions)
                self._free.put_nowait((answers, questions))
        finally:
            asked.cancel()

    async def _take(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._opened < self._size:
            self._opened += 1
            reader, writer = await asyncio.open_unix_connection(str(self._server_socket))
            self._writers.append(writer)
            writer.write(self._startup)
            greeting = await _until(reader, b"Z")
            # The process a client is told to be talking to is the pooler's invention.
            invented = b"K" + struct.pack("!III", 12, 999_999, 1)
            self._greeting = b"".join(invented if part[:1] == b"K" else part for part in greeting)
            return reader, writer
        return await self._free.get()


async def _transaction(
    message: bytes,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    answers: asyncio.StreamReader,
    questions: asyncio.StreamWriter,
) -> "asyncio.Task[bytes]":
    """Passes messages both ways until the server is idle and owes no answer. The reading of the client's next message."""
    owed = 0
    asked: asyncio.Task[bytes] = asyncio.create_task(_message(reader))
    answered: asyncio.Task[bytes] = asyncio.create_task(_message(answers))
    while True:
        questions.write(message)
        owed += message[:1] in (b"S", b"Q")
        while not asked.done():
            await asyncio.wait({asked, answered}, return_when=asyncio.FIRST_COMPLETED)
            if answered.done():
                reply = answered.result()
                writer.write(reply)
                owed -= reply[:1] == b"Z"
                if reply[:1] == b"Z" and reply[5:6] == _IDLE and not owed:
                    return asked
                answered = asyncio.create_task(_message(answers))
        message = asked.result()
        asked = asyncio.create_task(_message(reader))


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    (size,) = struct.unpack("!I", head[1:])
    return head + await reader.readexactly(size - 4)


async def _until(reader: asyncio.StreamReader, kind: bytes) -> list[bytes]:
    """Whole messages, up to and with the first of this kind."""
    messages = [await _message(reader)]
    while messages[-1][:1] != kind:
        messages.append(await _message(reader))
    return messages
