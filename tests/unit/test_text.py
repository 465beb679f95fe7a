"""Every text that a database can hold may enter; nothing else may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.kernel.text import storable, storable_piece

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize("text", ["", "Привет", "👨‍👩‍👧‍👦", "مرحبا", "\u2028\ufeff\uffff", "x" * 100_000, "\x01\x7f"])
def test_any_script_may_enter(text: str) -> None:
    assert storable(text)
    assert storable_piece(text) == text


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud83d", "x\udfff"])
def test_nul_and_lone_surrogates_may_not(text: str) -> None:
    assert not storable(text)
    assert storable(storable_piece(text))


def test_a_pair_of_surrogates_becomes_its_character() -> None:
    assert storable_piece("\ud83e\udd94") == "🦔"


def test_a_lone_half_becomes_the_replacement_character() -> None:
    assert storable_piece("a\ud83eb") == "a\ufffdb"


def test_nul_is_dropped() -> None:
    assert storable_piece("a\x00b") == "ab"


@given(ANY_TEXT)
def test_whatever_a_provider_sends_is_made_storable(text: str) -> None:
    mended = storable_piece(text)
    assert storable(mended)
    assert storable_piece(mended) == mended
