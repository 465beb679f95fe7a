"""From JSON payloads to bytes of an event stream, in every spelling the standard allows and some it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from ai_chat.emulators.openrouter.knobs import Knobs

COMMENT = b": OPENROUTER PROCESSING"
BOM = b"\xef\xbb\xbf"

#: Line end and blank-line end of one event. (CR, LF) is missing on purpose: together they are one CRLF, not two ends.
_MIXED = ((b"\n", b"\n"), (b"\r\n", b"\r\n"), (b"\r", b"\r"), (b"\n", b"\r"), (b"\r\n", b"\r"), (b"\r", b"\r\n"))
_INSIDE_CHARACTER = re.compile(rb"[\xc2-\xf4](?=[\x80-\xbf])")
_INSIDE_DATA = re.compile(rb"da(?=ta:)")


class Framing:
    """Writes events with one request's line ends and spacing."""

    def __init__(self, knobs: Knobs) -> None:
        self._ends = _MIXED if knobs.has("mixed") else ((b"\r\n",) * 2,) if knobs.has("crlf") else ((b"\n", b"\n"),)
        if knobs.has("cr"):
            self._ends = ((b"\r", b"\r"),)
        self._label = b"data:" if knobs.has("no_space") else b"data: "
        self._multiline = knobs.has("multiline")
        self._plain = self._ends == ((b"\n", b"\n"),) and not self._multiline
        self._count = 0

    def event(self, payload: bytes, *extra_lines: bytes) -> bytes:
        """One event of a JSON payload; extra lines (`event: x`) go before its data."""
        if self._plain and not extra_lines:
            return self._label + payload + b"\n\n"
        data = msgspec.json.format(payload, indent=1).split(b"\n") if self._multiline else [payload]
        return self._join([*extra_lines, *(self._label + line for line in data)])

    def raw(self, text: bytes) -> bytes:
        """An event whose data is not JSON, such as `[DONE]`."""
        return self._join([self._label + text])

    def comment(self) -> bytes:
        return self._join([COMMENT])

    def _join(self, lines: list[bytes]) -> bytes:
        end, blank = self._ends[self._count % len(self._ends)]
        self._count += 1
        return end.join(lines) + end + blank


def pieces(data: bytes, knobs: Knobs) -> Iterator[bytes]:
    """The network writes that one buffer becomes."""
    if knobs.has("trickle"):
        yield from (data[index : index + 1] for index in range(len(data)))
    elif knobs.split:
        yield from (data[index : index + knobs.split] for index in range(0, len(data), knobs.split))
    elif knobs.has("split_utf8", "split_data"):
        pattern = _INSIDE_CHARACTER if knobs.has("split_utf8") else _INSIDE_DATA
        start = 0
        for match in pattern.finditer(data):
            yield data[start : match.end()]
            start = match.end()
        yield data[start:]
    else:
        yield data
