"""Chats on the wire."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from ai_chat.features.files.schemas import FileInfo
from ai_chat.http.schemas import CleanText, Moment, WireModel

DEFAULT_TEMPERATURE = 0.7
MAX_SYSTEM_PROMPT = 20_000
MAX_CLIENT_MESSAGE_ID = 100


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def not_blank_and_stripped(text: str) -> str:
    """For names that people give."""
    return _not_blank(text).strip()


Title = Annotated[CleanText, Field(min_length=1, max_length=255), AfterValidator(not_blank_and_stripped)]
ModelId = Annotated[CleanText, Field(min_length=1, max_length=100)]
Temperature = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False, strict=True)]


class CreateChatRequest(WireModel):
    title: Title | None = None
    model: ModelId


class UpdateChatRequest(WireModel):
    """Only what is named changes; `systemPrompt: null` removes it, `folderId: null` takes the chat out of its folder."""

    title: Title | None = None
    model: ModelId | None = None
    system_prompt: Annotated[CleanText, Field(max_length=MAX_SYSTEM_PROMPT)] | None = None
    temperature: Temperature | None = None
    pinned: Annotated[bool, Field(strict=True)] | None = None
    archived: Annotated[bool, Field(strict=True)] | None = None
    """Archived chats are listed only where they are asked for; they are found by searching, and can be gone on with."""
    folder_id: Annotated[CleanText, Field(max_length=64)] | None = None

    @model_validator(mode="after")
    def _nothing_else_is_null(self) -> "UpdateChatRequest":
        for name in ("title", "model", "temperature", "pinned", "archived"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self


ClientMessageId = Annotated[CleanText, Field(min_length=1, max_length=MAX_CLIENT_MESSAGE_ID)]
Attachments = Annotated[list[UUID], Field(max_length=100)]
"""Ids of files."""


def _different(models: "list[str]") -> "list[str]":
    if len(set(models)) != len(models):
        raise ValueError("must be different models")
    return models


def _says_something(content: str, known: ValidationInfo) -> str:
    """What was validated before it says whether there are files; a bad list of files is complained of by itself."""
    if not content.strip() and known.data.get("attachments", None) == []:
        raise ValueError("must not be blank, or there must be attachments")
    return content


class TurnRequest(WireModel):
    """What all requests that make models write have in common."""

    client_message_id: ClientMessageId | None = None
    """Made by the client: repeating it attaches to the generation it started, and never sends twice."""

    @property
    def said(self) -> str | None:
        """What the person says anew."""
        return None

    @property
    def wanted_models(self) -> Sequence[str]:
        """Who is to answer; empty where that goes without saying."""
        return ()

    @property
    def wanted_files(self) -> Sequence[UUID] | None:
        """What goes with what is said; None leaves what went with it before."""
        return None


class SendMessageRequest(TurnRequest):
    attachments: Attachments = Field(default_factory=list)
    content: Annotated[CleanText, Field(validate_default=True), AfterValidator(_says_something)] = ""
    """May be left out where files are attached."""
    models: Annotated[list[ModelId], Field(min_length=2, max_length=3), AfterValidator(_different)] | None = None
    """Compare: so many answers under the one message, each of which counts. All of them are accepted, or none."""

    @property
    def said(self) -> str:
        return self.content

    @property
    def wanted_models(self) -> Sequence[str]:
        return self.models or ()

    @property
    def wanted_files(self) -> Sequence[UUID]:
        return self.attachments


class RegenerateRequest(TurnRequest):
    model: ModelId | None = None
    """Default: the one that wrote the answer."""

    @property
    def wanted_models(self) -> Sequence[str]:
        return [self.model] if self.model is not None else ()


class EditMessageRequest(RegenerateRequest):
    attachments: Attachments | None = None
    """Left out: the files of the edited message go with the new one."""
    content: Annotated[CleanText, AfterValidator(_says_something)]

    @property
    def said(self) -> str:
        return self.content

    @property
    def wanted_files(self) -> Sequence[UUID] | None:
        return self.attachments


class ContinueRequest(TurnRequest):
    pass


class ChooseBranchRequest(WireModel):
    message_id: Annotated[CleanText, Field(max_length=64)]
    """Any message of the branch; where it goes on in several ways, the newest is chosen."""


class ActiveGenerationInfo(WireModel):
    generation_id: UUID
    message_id: UUID
    model: str


class ChatInfo(WireModel):
    id: UUID
    user_id: UUID
    title: str
    model: str
    system_prompt: str | None
    temperature: float
    pinned: bool
    archived: bool
    folder_id: UUID | None
    active_generation_id: UUID | None
    """The generation that is running in this chat now; of several, the first."""
    active_generations: list[ActiveGenerationInfo]
    """All that are running: several where models are compared."""
    created_at: Moment
    updated_at: Moment


class MessageInfo(WireModel):
    id: UUID
    chat_id: UUID
    parent_id: UUID | None
    sibling_ids: list[UUID]
    """All messages that follow the same message, the oldest first, this one included."""
    role: Literal["user", "assistant", "system"]
    content: str
    reasoning: str | None
    status: Literal["generating", "complete", "stopped", "interrupted", "failed"]
    model: str | None
    served_by: str | None = None
    """The model that answered in place of `model`: its successor, or one that stood in; null where `model` did."""
    reasoning_seconds: float | None = None
    """How long the model thought, while the server watched; null where it did not think or nobody knows."""
    finish_reason: str | None
    error_code: str | None
    tokens_used: int
    cost: str | None
    """US dollars as a decimal string."""
    generation_id: UUID | None
    attachments: list[FileInfo]
    created_at: Moment


class ChatWithMessages(ChatInfo):
    messages: list[MessageInfo]
    messages_cursor: UUID | None
    """Pass it as `before` for the page of older messages; null where there are none."""
    messages_after: UUID | None
    """Pass it as `after` for the page of newer messages; null where there are none."""


class BranchInfo(WireModel):
    leaf_id: UUID
    """Its newest message."""
    fork_id: UUID | None
    """The last message that it shares with another branch; null where it shares none."""
    preview: str
    """How its first message that it shares with no other begins."""
    model: str | None
    """Who wrote its newest message; null where that is the person's."""
    created_at: Moment
    updated_at: Moment
    active: bool


class DeletedChat(WireModel):
    id: UUID


class StopResult(WireModel):
    stopped: bool
