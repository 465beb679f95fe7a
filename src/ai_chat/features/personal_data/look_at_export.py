"""`python -m ai_chat.features.personal_data.look_at_export SOURCE FOLDER`: makes conversations of somebody else's export.

SOURCE is a JSON file or a zip with such files, ChatGPT's or our own. FOLDER/lines gets a line of JSON for each conversation and
for each that cannot be brought in: one that is broken hides no other.
"""

import hashlib
import json
import time
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from ai_chat.features.files.apart import Unusable, report
from ai_chat.features.personal_data import chatgpt, own_format
from ai_chat.features.personal_data.elements import Broken, elements
from ai_chat.features.personal_data.normal import Conversation, NotUsable, Problem, title_of

LONGEST = 64 * 1024 * 1024
"""Bytes of one conversation."""
MOST_UNPACKED = 2 * 1024**3
MOST_CONVERSATIONS = 50_000
LINES = "lines"


def look(source: Path, folder: Path) -> dict[str, object]:
    """IMPORT_UNREADABLE for what is no export of a kind that is known."""
    encode = msgspec.json.Encoder().encode
    found = 0
    with (folder / LINES).open("wb") as lines:
        for line in islice(_lines(source), MOST_CONVERSATIONS):  # broken ones count: each costs a look
            found += isinstance(line, Conversation)
            lines.write(encode(line))
            lines.write(b"\n")
    if lines_are_all_bad(folder / LINES, found):
        raise Unusable("IMPORT_UNREADABLE")
    return {"found": found}


def lines_are_all_bad(path: Path, found: int) -> bool:
    """Nothing of it could be read: then it is no export at all."""
    return found == 0 and b'"empty"' not in path.read_bytes()[:1_000_000]


def _lines(source: Path) -> Iterator[Conversation | Problem]:
    if not zipfile.is_zipfile(source):
        with source.open("rb") as file:
            yield from _conversations(file)
        return
    try:
        with zipfile.ZipFile(source) as archive:
            left = MOST_UNPACKED
            for name in _named(archive):
                with archive.open(name) as entry:
                    bounded = _Bounded(entry, left)
                    yield from _conversations(cast("BinaryIO", bounded))
                    left = bounded.left
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        yield Problem("", "damaged")


def _named(archive: zipfile.ZipFile) -> list[str]:
    """The files of the archive that hold conversations, by their names, in any folder."""
    names = [entry.filename for entry in archive.infolist()[:100_000] if not entry.is_dir()]
    return sorted(
        name
        for name in names
        if (base := name.rpartition("/")[2].lower()).startswith("conversations") and base.endswith(".json")
    )


class _Bounded(BufferedIOBase):
    """An entry of an archive that stops before it fills the disk, whatever it says of its size. `left` is what the archive's
    entries may still unpack to, together.
    """

    def __init__(self, entry: Any, left: int) -> None:
        self._entry = entry
        self.left = left

    def read(self, size: int | None = -1, /) -> bytes:
        piece = bytes(self._entry.read(size))
        self.left -= len(piece)
        if self.left < 0:
            raise OSError("too large")
        return piece


def _conversations(file: BinaryIO) -> Iterator[Conversation | Problem]:
    now = time.time()
    try:
        for element in elements(file, LONGEST):
            yield _conversation(element, now)
    except Broken:
        yield Problem("", "damaged")


def _conversation(element: bytes | None, now: float) -> Conversation | Problem:
    if element is None:
        return Problem("", "damaged")
    title = ""
    try:
        raw = json.loads(element)
        title = title_of(raw.get("title")) if isinstance(raw, dict) else ""
        fallback_id = hashlib.sha256(element).hexdigest()[:40]
        if isinstance(raw, dict) and own_format.looks_like_it(raw):
            return own_format.conversation(raw, fallback_id, now)
        if isinstance(raw, dict) and chatgpt.looks_like_it(raw):
            return chatgpt.conversation(raw, fallback_id, now)
    except NotUsable as problem:
        return problem.problem
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, MemoryError, OverflowError):
        pass
    return Problem(title, "damaged")


if __name__ == "__main__":
    report(look)
