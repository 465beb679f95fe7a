"""Chats on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from ai_chat.http.schemas import CleanText, Moment, WireModel

DEFAULT_TEMPERATURE = 0.7
MAX_SYSTEM_PROMPT = 20_000
MAX_CLIENT_MESSAGE_ID = 100


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _title(text: str) -> str:
    return _not_blank(text).strip()


Title = Annotated[CleanText, Field(min_length=1, max_length=255), AfterValidator(_title)]
ModelId = Annotated[CleanText, Field(min_length=1, max_length=100)]
Temperature = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False, strict=True)]


class CreateChatRequest(WireModel):
    title: Title | None = None
    model: ModelId


class UpdateChatRequest(WireModel):
    """Only what is named changes; `systemPrompt: null` removes it."""

    title: Title | None = None
    model: ModelId | None = None
    system_prompt: Annotated[CleanText, Field(max_length=MAX_SYSTEM_PROMPT)] | None = None
    temperature: Temperature | None = None

    @model_validator(mode="after")
    def _nothing_else_is_null(self) -> "UpdateChatRequest":
        for name in ("title", "model", "temperature"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self


class SendMessageRequest(WireModel):
    content: Annotated[CleanText, Field(min_length=1), AfterValidator(_not_blank)]
    client_message_id: Annotated[CleanText, Field(min_length=1, max_length=MAX_CLIENT_MESSAGE_ID)] | None = None
    """Made by the client: repeating it attaches to the generation it started, and never sends twice."""


class ChatInfo(WireModel):
    id: UUID
    user_id: UUID
    title: str
    model: str
    system_prompt: str | None
    temperature: float
    active_generation_id: UUID | None
    """The generation that is running in this chat now."""
    created_at: Moment
    updated_at: Moment


class MessageInfo(WireModel):
    id: UUID
    chat_id: UUID
    parent_id: UUID | None
    role: Literal["user", "assistant", "system"]
    content: str
    reasoning: str | None
    status: Literal["generating", "complete", "stopped", "interrupted", "failed"]
    model: str | None
    served_by: str | None = None
    """The model that answered in place of `model`: its successor, or one that stood in; null where `model` did."""
    finish_reason: str | None
    error_code: str | None
    tokens_used: int
    cost: str | None
    """US dollars as a decimal string."""
    generation_id: UUID | None
    created_at: Moment


class ChatWithMessages(ChatInfo):
    messages: list[MessageInfo]
    messages_cursor: UUID | None
    """Pass it as `before` for the page of older messages; null where there are none."""


class DeletedChat(WireModel):
    id: UUID


class StopResult(WireModel):
    stopped: bool
