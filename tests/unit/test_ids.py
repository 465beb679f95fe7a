"""Ids grow with time, also within one millisecond, and nothing that is not an id is taken for one."""

import itertools
import time
from uuid import UUID

import pytest

from ai_chat.kernel.ids import new_id, parse_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = new_id()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_an_id_carries_the_millisecond_it_was_made_in() -> None:
    made_at = new_id().int >> 80
    now = time.time_ns() // 1_000_000
    assert abs(now - made_at) < 2000


def test_a_hundred_thousand_ids_in_a_row_only_grow() -> None:
    made = [new_id() for _ in range(100_000)]
    assert all(earlier < later for earlier, later in itertools.pairwise(made))


def test_ids_that_grow_also_grow_as_text() -> None:
    made = [str(new_id()) for _ in range(5000)]
    assert made == sorted(made)


def test_every_id_keeps_its_version_when_a_millisecond_overflows() -> None:
    assert {made.version for made in (new_id() for _ in range(20_000))} == {7}


def test_a_written_id_is_read_back() -> None:
    made = new_id()
    assert parse_id(str(made)) == made
    assert parse_id(str(made).upper()) == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "undefined",
        "null",
        "x" * 36,
        "0" * 32,
        "{" + "0" * 34 + "}",
        "../../etc/passwd",
        "'; DROP TABLE users",
        "\x00" * 36,
    ],
)
def test_what_cannot_be_an_id_is_none(text: str) -> None:
    assert parse_id(text) is None


def test_a_braced_or_hyphenless_id_is_none() -> None:
    made = UUID(int=5)
    assert parse_id(f"{{{made}}}") is None
    assert parse_id(made.hex) is None
    assert parse_id(f"urn:uuid:{made}") is None
