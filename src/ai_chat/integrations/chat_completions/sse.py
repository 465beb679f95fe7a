"""Server-sent events from bytes, however they are cut: any line ends, comments, BOM, several data lines, huge lines."""

import re

from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import UpstreamFailure

LARGEST_EVENT = 8 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\r|\n")


class EventDecoder:
    """Feed it bytes, get back the data of each complete event. Keeps what is not complete yet."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0
        self._started = False
        self._foreign_line_ends = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of every event that `chunk` completes, in order; UpstreamFailure where one does not come to its end."""
        return events_of(self.block(chunk))

    def block(self, chunk: bytes) -> bytes:
        """The events that `chunk` completes as they stand on the wire, with plain line ends, each with its empty line."""
        if not self._started:
            chunk = self._without_bom(chunk)
        if self._foreign_line_ends or b"\r" in chunk:
            chunk = self._with_plain_line_ends(chunk)
        buffer = self._buffer
        if not buffer and chunk.endswith(b"\n\n"):
            return chunk  # the usual piece
        buffer += chunk
        # A line may be megabytes long (images): what has been searched is not searched again.
        end = buffer.rfind(b"\n\n", self._scanned) + 2
        whole = b""
        if end >= 2:
            whole = bytes(buffer[:end])
            del buffer[:end]
        if len(buffer) > LARGEST_EVENT:
            raise UpstreamFailure(
                ErrorCode.UPSTREAM_ERROR, f"an event of more than {LARGEST_EVENT} bytes", retryable=True
            )
        self._scanned = max(len(buffer) - 1, 0)
        return whole

    def end(self) -> list[bytes]:
        """The data of a last event that its server did not finish with an empty line."""
        data = data_of(bytes(self._buffer).rstrip(b"\n"))
        self._buffer.clear()
        return [] if data is None else [data]

    def _without_bom(self, chunk: bytes) -> bytes:
        self._buffer += chunk
        if len(self._buffer) < len(_BOM) and _BOM.startswith(self._buffer):
            return b""  # could still become one
        self._started = True
        chunk = bytes(self._buffer)
        self._buffer.clear()
        return chunk.removeprefix(_BOM)

    def _with_plain_line_ends(self, chunk: bytes) -> bytes:
        """CRLF and CR become LF. A CR at the very end waits, because the LF that belongs to it may come next."""
        if self._foreign_line_ends:
            chunk = b"\r" + chunk
            self._foreign_line_ends = False
        if chunk.endswith(b"\r"):
            self._foreign_line_ends = True
            chunk = chunk[:-1]
        return _LINE_END.sub(b"\n", chunk) if b"\r" in chunk else chunk


def events_of(block: bytes) -> list[bytes]:
    """The data of the events in a block."""
    return [data for event in block.split(b"\n\n") if (data := data_of(event)) is not None]


def data_of(event: bytes) -> bytes | None:
    """The data of one event, without the empty line behind it; None where it has none."""
    if event.startswith(b"data: ") and b"\n" not in event:
        return event[6:]
    lines = []
    for line in event.split(b"\n"):
        if line.startswith(b"data:"):
            value = line[5:]
            lines.append(value.removeprefix(b" "))
    return b"\n".join(lines) if lines else None
