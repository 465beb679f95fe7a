"""What all of an administrator's routes ask for."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from ai_chat.features.admin.service import Admin
from ai_chat.http.state import part
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import parse_id

AdminPart = Annotated[Admin, Depends(part(Admin))]


async def cursor_of(cursor: Annotated[str | None, Query(max_length=36)] = None) -> UUID | None:
    return parse_id(cursor or "")


Cursor = Annotated[UUID | None, Depends(cursor_of)]


def found_id(text: str, missing: ErrorCode) -> UUID:
    """The id in a path; what cannot be one names nothing."""
    found = parse_id(text)
    if found is None:
        raise AppError(missing)
    return found
