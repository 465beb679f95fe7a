"""Reading files. Everything is asked with the owner's id: somebody else's file does not exist."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session

from ai_chat.features.files.attached import AttachedFile
from ai_chat.features.files.findings import FileKind
from ai_chat.features.files.models import File, FileContent, MessageFile


def files_of(user_id: UUID, ids: Sequence[UUID]) -> Select[File, FileContent]:
    """Those of these files that are the user's."""
    return (
        select(File, FileContent)
        .join(FileContent, FileContent.id == File.content_id)
        .where(File.id.in_(ids), File.user_id == user_id)
    )


def file_of(session: Session, user_id: UUID, file_id: UUID | None) -> AttachedFile | None:
    """The user's file of this id."""
    if file_id is None:
        return None
    row = session.execute(files_of(user_id, [file_id])).one_or_none()
    return None if row is None else attached(row)


def file_by_id(session: Session, file_id: UUID) -> AttachedFile | None:
    """The file of this id, whoever it is; for those who know already that it may be shown."""
    query = select(File, FileContent).join(FileContent, FileContent.id == File.content_id).where(File.id == file_id)
    row = session.execute(query).one_or_none()
    return None if row is None else attached(row)


def attached(row: Row[File, FileContent]) -> AttachedFile:
    file, content = row
    return AttachedFile(
        id=str(file.id),
        content=str(content.id),
        name=file.name,
        kind=cast("FileKind", content.kind),
        type=content.type,
        size=content.size,
        tokens=content.tokens,
        width=content.width,
        height=content.height,
    )


def used_bytes(session: Session, user_id: UUID) -> int:
    """What all files of the user take."""
    total = select(func.coalesce(func.sum(FileContent.size), 0)).join(File, File.content_id == FileContent.id)
    return int(session.scalar(total.where(File.user_id == user_id)) or 0)


def in_a_message(session: Session, file_id: UUID) -> bool:
    return bool(session.scalar(select(exists().where(MessageFile.file_id == file_id))))
