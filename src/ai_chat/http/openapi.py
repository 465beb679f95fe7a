"""What FastAPI cannot see by itself goes into the OpenAPI schema here: the stream's events, and bodies read by hand."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from ai_chat.http.schemas import COMPONENT, Failure
from ai_chat.kernel.errors import ErrorCode


def event_stream_of(description: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that answers with an event stream."""
    return {200: {"description": description, "content": {"text/event-stream": {"schema": {"type": "string"}}}}}


STREAM_RESPONSE = event_stream_of(
    "Frames `id: <seq>` and `data: <StreamEvent as JSON>`; `done` or `error` is the last."
)


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """`openapi_extra` of a route that reads this body itself."""
    schema = model.model_json_schema(by_alias=True)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def install_openapi(app: FastAPI, events: Mapping[str, object]) -> None:
    """Makes `app.openapi()` whole: schemas of error codes and of the event unions that streams carry, by their names;
    FastAPI's own 422 (we answer 400) taken out.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            components = schema.setdefault("components", {}).setdefault("schemas", {})
            failure = Failure.model_json_schema(mode="serialization", ref_template=COMPONENT)
            components.update(failure.pop("$defs"), Failure=failure)
            unions, parts = msgspec.json.schema_components(
                events.values(), ref_template=COMPONENT.format(model="{name}")
            )
            components.update(parts)
            components.update(zip(events, unions, strict=True))
            components["ErrorCode"] = {
                "type": "string",
                "enum": [code.value for code in ErrorCode],
                "title": "ErrorCode",
                "description": ErrorCode.__doc__,
            }
            components.pop("HTTPValidationError", None)
            components.pop("ValidationError", None)
            for path in schema["paths"].values():
                for operation in path.values():
                    operation["responses"].pop("422", None)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
