"""What the routes of chats ask for."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from ai_chat.features.chats.service import Chats
from ai_chat.http.state import part
from ai_chat.kernel.ids import parse_id

ChatsPart = Annotated[Chats, Depends(part(Chats))]


async def _chat_id(chat_id: str) -> UUID | None:
    """None for a text that cannot be an id: answered like an id that does not exist."""
    return parse_id(chat_id)


async def _message_id(message_id: str) -> UUID | None:
    return parse_id(message_id)


ChatId = Annotated[UUID | None, Depends(_chat_id)]
MessageId = Annotated[UUID | None, Depends(_message_id)]
