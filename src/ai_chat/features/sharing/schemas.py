"""Shares on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from ai_chat.features.files.schemas import FileInfo
from ai_chat.http.schemas import CleanText, Moment, WireModel


class CreateShareRequest(WireModel):
    message_id: Annotated[CleanText, Field(max_length=64)] | None = None
    """The last message that is shown; left out: the newest of the active branch."""
    expires_in_days: Annotated[int, Field(ge=1, le=3650, strict=True)] | None = None
    """Left out: until it is taken back."""
    show_name: Annotated[bool, Field(strict=True)] = False


class ShareLink(WireModel):
    id: UUID
    token: str
    url: str
    """The page to hand on."""
    title: str
    show_name: bool
    created_at: Moment
    expires_at: Moment | None


class RevokedShares(WireModel):
    revoked: int


class SharedMessage(WireModel):
    id: UUID
    role: Literal["user", "assistant"]
    content: str
    model: str | None
    model_name: str | None
    """As people know it."""
    attachments: list[FileInfo]
    created_at: Moment


class SharedChat(WireModel):
    """What a stranger sees: one branch, and nobody's name unless its owner wants that."""

    title: str
    author: str | None
    created_at: Moment
    expires_at: Moment | None
    messages: list[SharedMessage]
    """A page of the branch, the oldest first."""
    older: int | None
    """Pass it as `skip` for the page before this one; null where there is none."""


class ContinuedChat(WireModel):
    id: UUID
    """The new chat, one's own."""
