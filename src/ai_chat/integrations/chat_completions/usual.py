"""The usual chunk: all that a stream's chunks have in common around their text, learned from the stream itself.

Nearly every chunk of an answer differs from the one before in one JSON string. Once a chunk has been parsed, the bytes around
that string are known; of chunks with the same bytes around it only the strings are decoded, all of a block at once. Whatever is
not exactly so is parsed as before: the result never differs, only its cost.
"""

import re

import msgspec

_STRING = re.compile(rb'"content":\s*("(?:[^"\\]|\\.)*")')
_SHORTEST_MARK = 4
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
        self._mark = _only_end_of(self._between)
        self._uncut = len(self._between) - len(self._mark)

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
        # Python looks for a few bytes many times as fast as for hundreds; whether those before them are the usual ones, the
        # comparison of the whole tells.
        inside = block[start:end]
        *strings, last = inside.split(self._mark)
        strings = [string[: -self._uncut] for string in strings]
        strings.append(last)
        if self._between.join(strings) != inside:
            return None
        try:
            # A line end, a quote or a stray escape makes this no list of strings, or one of another length.
            texts = _decode_strings(b'["%b"]' % b'","'.join(strings))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return (texts, end + len(self._tail)) if len(texts) == len(strings) else None


def _only_end_of(data: bytes) -> bytes:
    """The shortest end, of at least some bytes, that `data` has nowhere else."""
    return next(data[-size:] for size in range(_SHORTEST_MARK, len(data) + 1) if data.count(data[-size:]) == 1)
