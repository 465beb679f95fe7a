"""Folders on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from ai_chat.features.chats.schemas import not_blank_and_stripped
from ai_chat.http.schemas import CleanText, Moment, WireModel

FolderName = Annotated[CleanText, Field(min_length=1, max_length=100), AfterValidator(not_blank_and_stripped)]


class CreateFolderRequest(WireModel):
    name: FolderName


class UpdateFolderRequest(WireModel):
    """Only what is named changes."""

    name: FolderName | None = None
    position: Annotated[int, Field(ge=0, le=10_000, strict=True)] | None = None
    """Its new place among the others, counted from 0."""

    @model_validator(mode="after")
    def _nothing_is_null(self) -> "UpdateFolderRequest":
        for name in self.model_fields_set & {"name", "position"}:
            if getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self


class FolderInfo(WireModel):
    id: UUID
    name: str
    position: int
    created_at: Moment


class DeletedFolder(WireModel):
    id: UUID
