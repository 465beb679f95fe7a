"""What is found, on the wire."""

from typing import Literal
from uuid import UUID

from ai_chat.http.schemas import Moment, WireModel


class Segment(WireModel):
    """A piece of text; a hit is written as several, one after the other. Plain text, never HTML."""

    text: str
    match: bool
    """It is one of the words that were looked for, in whatever form."""


class SearchHit(WireModel):
    kind: Literal["chat", "message"]
    """`chat`: found by its title."""
    chat_id: UUID
    title: list[Segment]
    archived: bool
    message_id: UUID | None
    """The message, on whichever branch it is; `PUT /api/chat/{id}/branch` shows that one."""
    role: Literal["user", "assistant", "system"] | None
    snippet: list[Segment] | None
    """The piece of the message in which the words stand."""
    created_at: Moment
    """When the message was written; of a chat, when it was last used."""
