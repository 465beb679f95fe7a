"""What a look into a file has found; how the process that looks tells the one that waits."""

import json
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias

_CPU_SECONDS = 25
_MEMORY = 2 * 1024**3

FileKind: TypeAlias = Literal["image", "document", "text"]
MAIN, THUMBNAIL, TEXT = "main", "thumbnail", "text"
"""Files that an inspector leaves in its folder: what is kept and shown, how it looks small, what a model reads."""
PARTS_OF: dict[FileKind, tuple[str, ...]] = {"image": (MAIN, THUMBNAIL), "document": (MAIN, TEXT), "text": (MAIN,)}


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that can be used."""

    kind: FileKind
    type: str
    tokens: int
    width: int | None = None
    height: int | None = None


class Unusable(Exception):
    """The file cannot be used; `code` is that of our error, the text may say more."""

    def __init__(self, code: str, message: str | None = None) -> None:
        self.code = code
        self.message = message
        super().__init__(code)


def report(look: Callable[[Path, Path], Finding]) -> None:
    """The body of an inspector: `python -m … SOURCE FOLDER` writes parts into FOLDER and one line of JSON."""
    _take_little()
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        said: dict[str, object] = asdict(look(source, folder))
    except Unusable as problem:
        said = {"unusable": problem.code, "message": problem.message}
    sys.stdout.write(json.dumps(said))


def _take_little() -> None:
    """So much processor time and memory and no more, at the end of the queue. (macOS does not limit the latter.)"""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with suppress(OSError):
        os.nice(10)
