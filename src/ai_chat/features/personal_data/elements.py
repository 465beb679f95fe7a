"""The elements of a JSON array, one at a time: exports are larger than memory, and one broken conversation must not hide
the others. Pure.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

_CHUNK = 1024 * 1024
_OUTSIDE = re.compile(rb'["{}\[\],]')
_INSIDE = re.compile(rb'["\\]')
_BLANK = b" \t\r\n"
_FORGOTTEN = b"\x00"


class Broken(Exception):
    """What stands there is no JSON array or object."""


def elements(file: BinaryIO, longest: int) -> Iterator[bytes | None]:
    """Each element of the array in `file` as it stands there; None for one that is longer than `longest` or not ended. A
    single object counts as an array of one.
    """
    yield from _Splitter(file, longest).run()


class _Splitter:
    def __init__(self, file: BinaryIO, longest: int) -> None:
        self._file = file
        self._longest = longest
        self._buffer = bytearray()
        self._at = 0
        """As far as this in the buffer everything has been looked at; one more where the next sign is escaped."""
        self._depth = 1
        self._inside = False
        """In a text."""

    def run(self) -> Iterator[bytes | None]:
        first = self._first()
        if first == b"{":
            yield self._whole()
            return
        if first != b"[":
            raise Broken
        while self._depth > 0:
            sign = self._next()
            if sign is None:
                if bytes(self._buffer).strip(_BLANK):
                    yield None  # it was cut off
                return
            if self._ends(sign):
                element = bytes(self._buffer[: self._at - 1]).strip(_BLANK)
                del self._buffer[: self._at]
                self._at = 0
                if element:
                    yield None if element.startswith(_FORGOTTEN) else element

    def _next(self) -> bytes | None:
        """The next sign that matters; None at the end of the file."""
        while True:
            found = (_INSIDE if self._inside else _OUTSIDE).search(self._buffer, self._at)
            if found is not None:
                self._at = found.end()
                return found.group()
            escaped = max(0, self._at - len(self._buffer))
            if len(self._buffer) > self._longest:  # its end is looked for all the same
                self._buffer = bytearray(_FORGOTTEN)
            self._at = len(self._buffer) + escaped
            if not self._more():
                return None

    def _ends(self, sign: bytes) -> bool:
        """Heeds the sign; True where an element ends with it."""
        if sign == b'"':
            self._inside = not self._inside
        elif sign == b"\\":
            self._at += 1
        elif sign in b"{[":
            self._depth += 1
        elif sign in b"}]":
            self._depth -= 1
            return self._depth == 0
        return sign == b"," and self._depth == 1

    def _first(self) -> bytes:
        """The first sign that is no blank and no mark of the encoding; an array's bracket is taken away."""
        self._more()
        if self._buffer.startswith(b"\xef\xbb\xbf"):
            del self._buffer[:3]
        while not self._buffer.lstrip(_BLANK):
            self._buffer.clear()
            if not self._more():
                raise Broken
        self._buffer = bytearray(self._buffer.lstrip(_BLANK))
        first = bytes(self._buffer[:1])
        if first == b"[":
            del self._buffer[:1]
        return first

    def _whole(self) -> bytes | None:
        while self._more():
            if len(self._buffer) > self._longest:
                return None
        return bytes(self._buffer)

    def _more(self) -> bool:
        piece = self._file.read(_CHUNK)
        self._buffer += piece
        return bool(piece)
