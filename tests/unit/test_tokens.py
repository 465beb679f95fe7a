"""The offline estimate of tokens: stable, near for prose, high for code and rare scripts, never zero for something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.kernel.tokens import estimate_from_samples, estimate_tokens, estimates_up_to


def test_nothing_has_no_tokens() -> None:
    assert estimate_tokens("") == 0


@pytest.mark.parametrize("text", ["a", " ", "\n", "я", "🦔", "漢", "\x00", "."])
def test_anything_has_at_least_one(text: str) -> None:
    assert estimate_tokens(text) >= 1


def test_english_prose_has_about_a_token_a_word() -> None:
    text = "The quick brown fox jumps over the lazy dog and runs into the forest before the rain begins."
    assert 0.8 * len(text.split()) <= estimate_tokens(text) <= 1.6 * len(text.split())


def test_russian_prose_has_about_two_tokens_a_word() -> None:
    text = "Съешь же ещё этих мягких французских булок, да выпей чаю, пока он не остыл совсем."
    assert len(text.split()) <= estimate_tokens(text) <= 2.5 * len(text.split())


def test_code_counts_at_least_its_punctuation() -> None:
    assert estimate_tokens("if (a[0] != b) { return f(x, y); }") >= 18


def test_indentation_costs_little() -> None:
    assert estimate_tokens("x" + " " * 64 + "y") < 15


def test_an_emoji_family_counts_each_of_its_parts() -> None:
    assert estimate_tokens("👨‍👩‍👧‍👦") >= 8


def test_a_long_number_goes_by_twos() -> None:
    assert estimate_tokens("123456789") == 5


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("a" + "\u2003" * 800, 1601),  # em spaces
        ("\u04ff\u046f\u0471" * 100, 780),  # Cyrillic letters that no Russian text has
        ("\u1200\u1208\u1210" * 100, 900),  # Ethiopic
        ("QXZVKJ" * 58, 351),  # capitals without words
        ("4096" * 67, 268),  # digits
    ],
)
def test_what_is_not_prose_cannot_be_smuggled_in_as_a_fraction_of_its_tokens(text: str, real: int) -> None:
    """The real counts are those of a byte-pair tokenizer of the usual size."""
    assert estimate_tokens(text) > real / 3


def test_chinese_counts_about_one_a_character() -> None:
    assert estimate_tokens("漢字" * 50) == 100


@pytest.mark.parametrize("piece", ["a", "я", "word ", "слово ", "🦔", "{}\n", "\u0600"])
def test_a_megabyte_is_counted_whole(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert estimate_tokens(text) >= len(text) // 8


@given(st.text(), st.text())
def test_two_texts_together_have_about_the_sum_of_their_tokens(first: str, second: str) -> None:
    whole = estimate_tokens(first + second)
    apart = estimate_tokens(first) + estimate_tokens(second)
    assert apart - 2 <= whole <= apart + 1


@pytest.mark.parametrize("texts", [[], [""], ["Hello there", "Привет"], ["a" * 800], ["Aaaaaaa " * 100]])
def test_texts_that_may_fit_are_estimated_to_their_end(texts: list[str]) -> None:
    assert estimates_up_to(100, texts) == [estimate_tokens(text) for text in texts]


@pytest.mark.parametrize("texts", [["a" * 801], ["Aaaaaaa " * 90, "Aaaaaaa " * 11], ["x" * 10_000_000]])
def test_texts_that_cannot_fit_are_one_figure_that_is_too_much(texts: list[str]) -> None:
    assert 100 < sum(estimates_up_to(100, texts)) <= sum(map(estimate_tokens, texts))


_PROSE = "The answer depends on many things: price, quality, and how long one is going to wait for it. "
_RUSSIAN = "Ответ зависит от многих причин: цена, качество и то, сколько придётся ждать. "
_CODE = "def area(width: float, height: float) -> float:\n    return width * height\n\n"


@pytest.mark.parametrize("text", ["", "Hello", _PROSE * 20, _PROSE * 400, _RUSSIAN * 300, _CODE * 200, "😀" * 3000])
def test_samples_of_a_text_tell_its_length(text: str) -> None:
    assert 0.95 * estimate_tokens(text) <= estimate_from_samples(text) <= 1.1 * estimate_tokens(text)


def test_an_answer_in_several_parts_is_seen_in_all_of_them() -> None:
    text = _PROSE * 60 + _CODE * 60 + _RUSSIAN * 60
    assert 0.85 * estimate_tokens(text) <= estimate_from_samples(text) <= 1.15 * estimate_tokens(text)
