"""JSON as a type, and its encoding.

msgspec writes numbers the way JavaScript does (`6e-7`, `0.00001`), which is what the real service sends; Python's own
encoder would write `6e-07` and `1e-05`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

import msgspec

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = "dict[str, Json]"

_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """Compact JSON, UTF-8, keys in the order given."""
    return _encoder.encode(value)


def decode(data: bytes | str) -> Json:
    """Raises ValueError on anything that is not one JSON value (lone surrogates included)."""
    value: Json = msgspec.json.decode(data)
    return value


def as_object(value: Json) -> JsonObject:
    """The value if it is an object, else an empty one: requests are read leniently and checked separately."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def as_text(value: Json, default: str = "") -> str:
    return value if isinstance(value, str) else default


def as_int(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_number(amount: Decimal) -> Json:
    """A money amount as a JSON number; whole amounts lose their fraction, as in JavaScript."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)
