"""JSON as a type, and its encoding.

msgspec writes numbers the way JavaScript does (`6e-7`, `0.00001`), which is what the real service sends; Python's own
encoder would write `6e-07` and `1e-05`.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from ai_chat.emulators.json_values import Json

_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """Compact JSON, UTF-8, keys in the order given."""
    return _encoder.encode(value)


def decode(data: bytes | str) -> Json:
    """Raises ValueError on anything that is not one JSON value (lone surrogates included)."""
    value: Json = msgspec.json.decode(data)
    return value


def as_number(amount: Decimal) -> Json:
    """A money amount as a JSON number; whole amounts lose their fraction, as in JavaScript."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)
