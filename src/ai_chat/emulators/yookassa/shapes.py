"""JSON, money and times as YooKassa writes them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

from ai_chat.emulators.json_values import Json, JsonObject, as_object, as_text

_AMOUNT = re.compile(r"(\d{1,10})(?:\.(\d{1,2}))?", re.ASCII)
_MOSCOW = timezone(timedelta(hours=3))


def encode(value: Json) -> bytes:
    """Pretty-printed the way it really is: `{ "id" : "…" }`."""
    return json.dumps(value, ensure_ascii=False, indent=2, separators=(",", " : ")).encode()


def decode(data: bytes) -> Json:
    """Raises ValueError on anything that is not JSON."""
    try:
        value: Json = json.loads(data)
    except RecursionError as problem:
        raise ValueError("nested too deeply") from problem
    return value


def as_number(value: Json, default: float = 0) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


def money(kopecks: int) -> JsonObject:
    return {"value": f"{kopecks // 100}.{kopecks % 100:02d}", "currency": "RUB"}


def kopecks_of(value: Json) -> int | None:
    """Kopecks of `{"value": "990.00", "currency": "RUB"}`; None where it is no such thing."""
    amount = as_object(value)
    match = _AMOUNT.fullmatch(as_text(amount.get("value")))
    if match is None or amount.get("currency") != "RUB":
        return None
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def moscow(seconds: float) -> str:
    """Receipts alone carry local time."""
    return datetime.fromtimestamp(seconds, _MOSCOW).isoformat(timespec="milliseconds")


def seconds_of(text: str) -> float:
    """Raises ValueError for what is no time with a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return moment.timestamp()
