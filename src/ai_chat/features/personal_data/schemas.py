"""What goes in and out, on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from ai_chat.http.schemas import CleanText, WireModel


class ImportProblem(WireModel):
    title: str
    """Empty where not even that could be read."""
    reason: Literal["damaged", "empty", "too_long"]


class ImportResult(WireModel):
    imported: int
    already_there: int
    """Brought in before, and not once more."""
    failed: int
    problems: list[ImportProblem]
    """The first hundred of what failed."""


class DeleteAccountRequest(WireModel):
    password: Annotated[CleanText, Field(min_length=1, max_length=1024)]


class DeletedAccount(WireModel):
    deleted: Literal[True]
