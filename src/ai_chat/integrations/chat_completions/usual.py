"""The usual chunk: all that a stream's chunks have in common around their text, learned from the stream itself.

Nearly every chunk of an answer differs from the one before in one JSON string. Once a chunk has been parsed, the bytes around
that string are known; of chunks with the same bytes around it only the strings are decoded, all of a block at once. Whatever is
not exactly so is parsed as before: the result never differs, only its cost.
"""

import re

import msgspec

_STRING = re.compile(rb'"content":\s*("(?:[^"\\]|\\.)*")')
_decode_string = msgspec.json.Decoder(str).decode
_decode_strings = msgspec.json.Decoder(list[str]).decode


def around_text(data: bytes) -> tuple[bytes, bytes] | None:
    """What stands before and behind the first string named `content`."""
    found = _STRING.search(data)
    return (data[: found.start(1)], data[found.end(1) :]) if found else None


class UsualChunk:
    """Chunks that consist of `before`, a JSON string, and `behind`."""

    def __init__(self, before: bytes, behind: bytes) -> None:
        self._before, self._behind = before, behind
        self._head = b"data: " + before + b'"'
        self._tail = b'"' + behind + b"\n\n"
        self._between = self._tail + self._head

    def text_of(self, data: bytes) -> str | None:
        """The text of one chunk; None where it is another kind of chunk."""
        if data.startswith(self._before) and data.endswith(self._behind):
            try:
                return _decode_string(data[len(self._before) : len(data) - len(self._behind)])
            except (msgspec.MsgspecError, UnicodeDecodeError):
                return None
        return None

    def texts_of(self, block: bytes, start: int) -> tuple[list[str], int] | None:
        """The texts of all chunks from `start` to the last usual one, and where that ends; None where others are among them."""
        if not block.startswith(self._head, start):
            return None
        start += len(self._head)
        end = block.rfind(self._tail, start)
        if end < 0:
            return None
        inside = block[start:end]
        count = inside.count(self._between) + 1
        try:
            # A line end, a quote or a stray escape makes this no list of strings, or one of another length.
            texts = _decode_strings(b'["%b"]' % inside.replace(self._between, b'","'))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return (texts, end + len(self._tail)) if len(texts) == count else None
