"""Idempotence keys: the same key with the same data within 24 hours is the same call."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ai_chat.emulators.json_values import Json, JsonObject
from ai_chat.emulators.yookassa.failures import Failure, invalid

LIFETIME = 24 * 3600.0
PARAMETER = "Idempotence-Key"
_KEY = re.compile(r"[0-9A-Za-z+\-_.]{1,64}")


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a key was used for, and what came of it."""

    path: str
    data: Json
    answer: JsonObject
    made: float


@dataclass(slots=True)
class KeyStore:
    """Keys of all shops; each shop's are its own. Refusals are not remembered: whether they are is not documented."""

    _remembered: dict[tuple[str, str], Remembered] = field(default_factory=dict)

    def replay(self, shop_id: str, key: str, path: str, data: Json, now: float) -> JsonObject | None:
        """The first answer to this call; None if it is the first. A key used for something else is refused."""
        before = self._remembered.get((shop_id, key))
        if before is None or now - before.made >= LIFETIME:
            return None
        if (before.path, before.data) != (path, data):
            raise invalid("Idempotence key duplicated", PARAMETER)
        return before.answer

    def remember(self, shop_id: str, key: str, path: str, data: Json, answer: JsonObject, now: float) -> None:
        self._remembered[shop_id, key] = Remembered(path, data, answer, now)


def checked_key(key: str | None) -> str:
    """The key of a call that needs one."""
    if not key:
        raise invalid("Idempotence key is missing", PARAMETER)
    if len(key) > 64:
        raise invalid("Idempotence key is too long. Specify a key up to 64 characters long", PARAMETER)
    if _KEY.fullmatch(key) is None:
        raise Failure(400, "invalid_request", "Idempotence key has characters that are not allowed", PARAMETER)
    return key
