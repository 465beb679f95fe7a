"""Identifiers: UUIDv7, so that primary keys grow with time and new rows land together in the index."""

import os
import threading
import time
from uuid import UUID

_last_ms = 0
_sequence = 0
_turn = threading.Lock()  # ids are made on the event loop and on the database's threads


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562) that is larger than every id this process made before, also within one millisecond."""
    global _last_ms, _sequence
    with _turn:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms = now
            _sequence = (
                int.from_bytes(os.urandom(2)) & 0x7FF
            )  # headroom: the upper bit of the 12 stays free to count up
        else:
            _sequence += 1
            if _sequence > 0xFFF:
                _last_ms += 1
                _sequence = 0
        moment, sequence = _last_ms, _sequence
    tail = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=moment << 80 | 0x7 << 76 | sequence << 64 | 0b10 << 62 | tail)


def parse_id(text: str) -> UUID | None:
    """The UUID written in `text`, or None where it cannot be one (the caller answers 404: such an id never existed)."""
    if len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
