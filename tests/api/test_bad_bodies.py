"""Bodies that no route can use: a 4xx in the envelope from every route, and nothing stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.storage.tables import Base
from tests.api.conftest import Target
from tests.api.helpers import assert_refused
from tests.api.routes import Route, all_routes, openapi
from tests.product import MODEL, PASSWORD, Answer, Product

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITH_BODY = [
    route
    for route in all_routes()
    if route.takes_json
    and not route.speaks_openai  # see test_openai_client
    and not route.path.startswith("/api/admin")  # does not exist for this user, see test_ownership_matrix
]
each_route = pytest.mark.parametrize("route", WITH_BODY, ids=str)

GOOD: dict[str, dict[str, Any]] = {
    "POST /api/auth/register": {"email": "bad@example.com", "password": PASSWORD, "fullName": "Anna"},
    "POST /api/auth/login": {"email": "bad@example.com", "password": PASSWORD},
    "POST /api/chat": {"title": "T", "model": MODEL},
    "POST /api/keys": {"name": "K"},
    "PATCH /api/chat/{chat_id}": {"title": "T"},
    "POST /api/chat/{chat_id}/message": {"content": "Hello"},
}
"""The rest of a body with one bad field; a route that is not here gets that field alone."""

DEEP = 100_000
NO_JSON_OBJECT = {
    "nothing": b"",
    "blanks": b"   ",
    "half an object": b'{"title": "x"',
    "half a text": b'{"title": "x',
    "a trailing comma": b'{"title": "x",}',
    "single quotes": b"{'title': 'x'}",
    "two objects": b"{}{}",
    "a form": b"title=x&model=y",
    "a text": b'"text"',
    "a number": b"5",
    "true": b"true",
    "null": b"null",
    "an array": b"[]",
    "an array of objects": b'[{"title": "x", "content": "x"}]',
    "bytes": bytes(range(256)),
    "invalid UTF-8": b'{"title": "\xff\xfe", "content": "\xff", "email": "\xc3\x28"}',
    "an overlong NUL": b'{"title": "\xc0\x80", "content": "\xc0\x80", "email": "\xc0\x80"}',
    "open brackets": b"[" * DEEP,
    "nested arrays": b"[" * DEEP + b"]" * DEEP,
    "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a deep unknown field": b'{"unknown": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a huge integer": b"9" * 10_000,
    "a control character": b'{"title": "a\x01b", "content": "a\x01b", "email": "a\x01b"}',
}


async def rows(product: Product) -> dict[str, int]:
    def work(session: Session) -> dict[str, int]:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if not table.name.startswith("search_")  # written in the background
        }

    return await product.database.read(work)


async def send(target: Target, route: Route, body: bytes, **headers: str) -> Answer:
    return await target.user.call(
        route.method, route.at(chat_id=target.chat, message_id=target.message), data=body, headers=headers
    )


def types_of(schema: dict[str, Any]) -> set[str]:
    """The JSON types that a field accepts."""
    alternatives = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return {alternative.get("type", "anything") for alternative in alternatives}


def schemas() -> dict[str, Any]:
    return dict(openapi()["components"]["schemas"])


def fields_of(route: Route) -> dict[str, dict[str, Any]]:
    schema = route.operation["requestBody"]["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = schemas()[schema["$ref"].rpartition("/")[2]]
    return dict(schema["properties"])


def wrong_values(types: set[str]) -> Iterator[object]:
    samples: list[tuple[str, object]] = [
        ("string", "5"),
        ("integer", 5),
        ("number", 1.5),
        ("boolean", True),
        ("boolean", False),
        ("array", []),
        ("array", ["x"]),
        ("object", {}),
        ("object", {"value": "x"}),
    ]
    for kind, sample in samples:
        fits = kind in types or "anything" in types or (kind == "integer" and "number" in types)
        if not fits:
            yield sample


@each_route
async def test_a_body_that_is_no_json_object_is_refused(target: Target, route: Route) -> None:
    before = await rows(target.product)
    for what, body in NO_JSON_OBJECT.items():
        answer = await send(target, route, body)
        assert answer.status == 400, f"{what}: {answer.status} {answer.text[:300]}"
        assert_refused(answer, 400, "VALIDATION_ERROR")
        assert len(answer.text) < 3000, what
    assert await rows(target.product) == before


@each_route
async def test_a_field_of_the_wrong_type_is_refused(target: Target, route: Route) -> None:
    before = await rows(target.product)
    for name, schema in fields_of(route).items():
        for value in wrong_values(types_of(schema)):
            body = {**GOOD.get(str(route), {}), name: value}
            answer = await send(target, route, json.dumps(body).encode())
            assert answer.status == 400, f"{name}={value!r}: {answer.status} {answer.text[:300]}"
            error = assert_refused(answer, 400, "VALIDATION_ERROR")
            assert name in [problem["field"].partition(".")[0] for problem in error["fields"]], f"{name}: {error}"
    assert await rows(target.product) == before


@each_route
async def test_a_missing_field_is_refused_and_named(target: Target, route: Route) -> None:
    before, good = await rows(target.product), GOOD.get(str(route), {})
    optional = {"title", "fullName"}
    for name in good.keys() - optional:
        body = {key: value for key, value in good.items() if key != name}
        error = assert_refused(await send(target, route, json.dumps(body).encode()), 400, "VALIDATION_ERROR")
        assert [problem["field"] for problem in error["fields"]] == [name]
    assert await rows(target.product) == before


@each_route
@pytest.mark.parametrize("bad", ["\\u0000", "\\ud800", "\\udfff", "\\ude00\\ud83d", "a\\u0000b"])
async def test_text_that_no_database_can_hold_is_refused(target: Target, route: Route, bad: str) -> None:
    before = await rows(target.product)
    for name, schema in fields_of(route).items():
        if "string" not in types_of(schema):
            continue
        text = f"{bad}@example.com" if name == "email" else f"{bad} and more text"
        rest = {key: value for key, value in GOOD.get(str(route), {}).items() if key != name}
        body = f'{{"{name}": "{text}", {json.dumps(rest)[1:]}' if rest else f'{{"{name}": "{text}"}}'
        answer = await send(target, route, body.encode())
        assert answer.status == 400, f"{name}: {answer.status} {answer.text[:300]}"
        assert_refused(answer, 400, "VALIDATION_ERROR")
    assert await rows(target.product) == before


@each_route
async def test_a_text_of_half_a_megabyte_is_refused_or_found_too_long(target: Target, route: Route) -> None:
    before = await rows(target.product)
    for name, schema in fields_of(route).items():
        if "string" in types_of(schema):
            body = {**GOOD.get(str(route), {}), name: "ж" * 250_000}
            answer = await send(target, route, json.dumps(body, ensure_ascii=False).encode())
            assert 400 <= answer.status < 500, f"{name}: {answer.status}"
            assert len(answer.text) < 3000
            assert answer.error
    assert await rows(target.product) == before


@each_route
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png"]
)
async def test_a_body_of_another_content_type_is_refused(target: Target, route: Route, content_type: str) -> None:
    before = await rows(target.product)
    body = json.dumps(GOOD.get(str(route), {})).encode()
    answer = await send(target, route, body, **{"Content-Type": content_type})
    assert_refused(answer, 400, "VALIDATION_ERROR")
    assert await rows(target.product) == before


@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "-0.1", "2.0001", "9" * 400, "9" * 5000, '"1"', "true", "[1]"],
)
async def test_a_temperature_that_is_no_number_from_0_to_2_is_refused(target: Target, number: str) -> None:
    path = f"/api/chat/{target.chat}"
    answer = await target.user.patch(path, data=f'{{"temperature": {number}}}'.encode())
    assert_refused(answer, 400, "VALIDATION_ERROR")
    assert (await target.user.get(path)).data["temperature"] == 0.7


@each_route
async def test_a_key_that_stands_twice_crashes_nothing(target: Target, route: Route) -> None:
    for name in fields_of(route):
        answer = await send(target, route, f'{{"{name}": 5, "{name}": {{}}}}'.encode())
        assert_refused(answer, 400, "VALIDATION_ERROR")


async def test_keys_that_mean_something_to_programs_are_ignored(target: Target) -> None:
    body = b'{"title": "T", "__proto__": {"a": 1}, "constructor": 1, "model_fields_set": 1, "": 1, "__class__": "x"}'
    answer = await target.user.patch(f"/api/chat/{target.chat}", data=body)
    assert answer.data["title"] == "T"
