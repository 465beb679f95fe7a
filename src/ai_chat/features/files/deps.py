"""What routes ask of files."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from ai_chat.features.files.service import Files
from ai_chat.http.state import part
from ai_chat.kernel.ids import parse_id

FilesPart = Annotated[Files, Depends(part(Files))]


async def _file_id(file_id: str) -> UUID | None:
    return parse_id(file_id)


FileId = Annotated[UUID | None, Depends(_file_id)]
