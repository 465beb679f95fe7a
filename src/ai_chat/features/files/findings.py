"""What a look into a file has found."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

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
