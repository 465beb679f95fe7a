"""Files on the wire."""

from typing import Literal
from uuid import UUID

from ai_chat.features.files.attached import AttachedFile
from ai_chat.http.schemas import WireModel


class FileInfo(WireModel):
    id: UUID
    name: str
    type: str
    """By its content; for text also by the end of its name."""
    size: int
    """Bytes as it is kept: images are made smaller and lose what they say about where they were taken."""
    kind: Literal["image", "document", "text"]
    width: int | None
    height: int | None
    tokens: int
    """About how much of a model's window it takes."""


class DeletedFile(WireModel):
    id: UUID


class StorageInfo(WireModel):
    limit: int
    """Bytes."""
    used: int


class FileAllowance(WireModel):
    """What the plan allows."""

    files_per_message: int
    bytes_per_file: int
    storage: StorageInfo


def file_info(file: AttachedFile) -> FileInfo:
    return FileInfo(
        id=UUID(file.id),
        name=file.name,
        type=file.type,
        size=file.size,
        kind=file.kind,
        width=file.width,
        height=file.height,
        tokens=file.tokens,
    )
