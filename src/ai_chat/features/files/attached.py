"""A file as a message has it: what is shown of it, and how it is found again. A message keeps this beside its text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from ai_chat.features.files.findings import PARTS_OF, FileKind

KEY = "files"
"""Where it stands in a message's `metadata`."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """One file of a message."""

    id: str
    content: str
    """The id of what is stored."""
    name: str
    kind: FileKind
    type: str
    size: int
    tokens: int
    width: int | None = None
    height: int | None = None


def files_in(extra: Mapping[str, Any] | None) -> tuple[AttachedFile, ...]:
    """The files in a message's `metadata`."""
    return tuple(AttachedFile(**found) for found in extra[KEY]) if extra and KEY in extra else ()


def noted(files: Sequence[AttachedFile]) -> dict[str, Any]:
    """What goes into a message's `metadata`."""
    return {KEY: [asdict(file) for file in files]}


def tokens_of(files: Sequence[AttachedFile]) -> int:
    """What they take of a model's window."""
    return sum(file.tokens for file in files)


def key_of(content: UUID | str, part: str) -> str:
    """The name under which a part of a file lies in the object store."""
    text = content.hex if isinstance(content, UUID) else content.replace("-", "")
    return f"{text}-{part}"


def keys_of(content: UUID, kind: FileKind) -> list[str]:
    """All that is stored of it."""
    return [key_of(content, part) for part in PARTS_OF[kind]]
