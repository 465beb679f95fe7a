"""Rows of GET /models that a client must not believe, each switched on by name.

The most expensive of them is real: a price of -1 read as a number once grew a user's balance by millions.
"""

from __future__ import annotations

from ai_chat.emulators.json_values import Json, JsonObject


def _row(slug: str, /, **changes: Json) -> JsonObject:
    """A plausible row called emulator/<name>, with something wrong about it."""
    row: JsonObject = {
        "id": f"emulator/{slug}",
        "canonical_slug": f"emulator/{slug}",
        "name": f"Bad row: {slug}",
        "created": 1_780_000_000,
        "description": "A row that is wrong on purpose.",
        "context_length": 128_000,
        "architecture": {
            "modality": "text->text",
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "tokenizer": "Other",
            "instruct_type": None,
        },
        "pricing": {"prompt": "0.000001", "completion": "0.000002"},
        "top_provider": {"context_length": 128_000, "max_completion_tokens": 16_384, "is_moderated": False},
        "per_request_limits": None,
        "supported_parameters": ["max_tokens", "temperature"],
        "default_parameters": None,
        "supported_voices": None,
        "links": {"details": f"/api/v1/models/emulator/{slug}/endpoints"},
    }
    row.update(changes)
    return row


def _without(row: JsonObject, key: str) -> JsonObject:
    return {name: value for name, value in row.items() if name != key}


BAD_ROWS: dict[str, Json] = {
    "price-minus-one": _row("price-minus-one", pricing={"prompt": "-1", "completion": "-1"}),
    "price-missing": _row("price-missing", pricing={"prompt": "0.000001"}),
    "price-null": _row("price-null", pricing={"prompt": None, "completion": None}),
    "pricing-missing": _without(_row("pricing-missing"), "pricing"),
    "price-absurd": _row("price-absurd", pricing={"prompt": "1000000", "completion": "1e12"}),
    "price-number": _row("price-number", pricing={"prompt": 0.000001, "completion": 2e-6}),
    "price-nan": _row("price-nan", pricing={"prompt": "NaN", "completion": "Infinity"}),
    "price-words": _row("price-words", pricing={"prompt": "free", "completion": ""}),
    "output-audio": _row(
        "output-audio",
        architecture={
            "modality": "text->audio",
            "input_modalities": ["text"],
            "output_modalities": ["audio"],
            "tokenizer": "Other",
            "instruct_type": None,
        },
    ),
    "output-missing": _row("output-missing", architecture={"modality": None}),
    "context-null": _row("context-null", context_length=None, top_provider={"context_length": None}),
    "context-zero": _row("context-zero", context_length=0),
    "context-text": _row("context-text", context_length="128k"),
    "name-hostile": _row("name-hostile", name="<img src=x onerror=alert(1)>\r\nSet-Cookie: a=b"),
    "name-missing": _without(_row("name-missing"), "name"),
    "id-missing": _without(_row("id-missing"), "id"),
    "id-duplicate": {**_row("id-duplicate"), "id": "openai/gpt-4o-mini", "name": "A second GPT-4o-mini"},
    "expired": _row("expired", expiration_date="2020-01-01"),
    "null-row": None,
    "text-row": "openai/gpt-4o-mini",
}
