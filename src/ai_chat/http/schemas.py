"""The shapes all features share on the wire: camelCase models, the envelope, moments in time, clean text."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from ai_chat.kernel.clock import iso
from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.text import storable


class WireModel(BaseModel):
    """camelCase outside, snake_case inside. Unknown fields are ignored, as the contract promises."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True, extra="ignore", from_attributes=True
    )


def _storable(text: str) -> str:
    if not storable(text):
        raise ValueError("contains a character that cannot be stored (NUL or half a surrogate pair)")
    return text


CleanText = Annotated[str, AfterValidator(_storable)]
"""Any text a database can hold."""

Moment = Annotated[datetime, PlainSerializer(iso, return_type=str), Field(json_schema_extra={"format": "date-time"})]
"""ISO-8601 in UTC with `Z`."""

Data = TypeVar("Data")


class Envelope(BaseModel, Generic[Data]):
    """Success."""

    success: Literal[True]
    data: Data


class Page(BaseModel, Generic[Data]):
    """Success with a list; `cursor` asks for the next page and is null on the last."""

    success: Literal[True]
    data: list[Data]
    cursor: str | None


def ok(data: Data) -> Envelope[Data]:
    return Envelope[Data](success=True, data=data)


class FieldError(BaseModel):
    field: str
    message: str


class ErrorBody(WireModel):
    """What went wrong. Limits come with limit, used and resetsAt; invalid input with the fields."""

    code: ErrorCode
    message: str
    fields: list[FieldError] | None = None
    limit: int | None = None
    used: int | None = None
    resets_at: Moment | None = None


COMPONENT = "#/components/schemas/{model}"
"""Where OpenAPI keeps the schema of a model."""


class Failure(BaseModel):
    """The answer of every failed call."""

    success: Literal[False]
    error: ErrorBody


def failures(*codes: ErrorCode) -> dict[int | str, dict[str, object]]:
    """OpenAPI responses for the errors a route can answer. The schema is named and not given: FastAPI would make a serializer
    for each of them.
    """
    by_status: dict[int | str, dict[str, object]] = {}
    content = {"application/json": {"schema": {"$ref": COMPONENT.format(model=Failure.__name__)}}}
    for code in (*codes, ErrorCode.VALIDATION_ERROR):
        entry = by_status.setdefault(code.status, {"description": "", "content": content})
        entry["description"] = f"{entry['description']} {code.value}".strip()
    return by_status
