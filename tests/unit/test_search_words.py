"""What counts as a word, and which words are the same."""

import pytest

from ai_chat.features.search.schemas import Segment
from ai_chat.features.search.snippets import marked, snippet
from ai_chat.features.search.words import forms, lexemes_of, terms_of, words_of


def stem(word: str) -> str:
    return forms(word)[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("привет", "Приветы"), ("привет", "ПРИВЕТАМИ"), ("ёлка", "елки"), ("Ёлкой", "ЕЛКА"), ("кот", "коты"),
        ("молоко́", "молока"), ("running", "run"), ("Runs", "run"), ("cats", "CAT"), ("café", "Cafe"),
        ("Straße", "strasse"), ("ﬁle", "files"), ("й" + "од", "и\u0306од"),
    ],
)  # fmt: skip
def test_forms_of_one_word_are_the_same(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("мой", "мои"), ("cat", "car"), ("gpt4", "gpt5"), ("кот", "код")])
def test_other_words_are_others(one: str, other: str) -> None:
    assert stem(one) != stem(other) or forms(one)[0] != forms(other)[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, world! 100%", ["hello", "world", "100"]),
        ("snake_case и kebab-case", ["snake", "case", "и", "kebab", "case"]),
        ("你好 мир", ["你", "好", "мир"]),
        ("🦔👩‍👩‍👧👍🏽", ["🦔", "👩", "👩", "👧", "👍"]),
        ("a\u0000b <script>alert(1)</script>", ["a", "b", "script", "alert", "1", "script"]),
        ("\"'%_*():^-\\~|&!{}[]", []),
        ("", []),
        ("замо\u0301к", ["замок"]),
    ],
)
def test_a_text_is_split_into_words(text: str, words: list[str]) -> None:
    found = list(words_of(text))
    assert [word.whole for word in found] == words
    assert all(forms(text[word.start : word.end])[0] == word.whole for word in found)


def test_an_endless_word_and_an_endless_text_have_an_end() -> None:
    assert len(forms("ы" * 1_000_000)[0]) == 64
    assert len(lexemes_of(" ".join(f"w{number}" for number in range(50_000)), 1000)) <= 1001


def test_lexemes_have_no_sign_that_an_index_would_split_them_at() -> None:
    for lexeme in lexemes_of("Ünïcödé «ёлки» ½ ﷺ don't C++ 你 🦔 ª² İstanbul ǅ ŉ", 1000):
        assert all(sign.isalnum() or not sign.isascii() for sign in lexeme), lexeme
        assert not any(sign.isspace() for sign in lexeme), lexeme


def test_the_last_word_may_be_a_beginning_unless_something_stands_behind_it() -> None:
    assert [term.begins for term in terms_of("раз два")] == [False, True]
    assert [term.begins for term in terms_of("раз два ")] == [False, False]
    assert [term.begins for term in terms_of("раз д")] == [False, False], "one letter begins too many"
    assert [term.begins for term in terms_of("раз раз")] == [True]
    assert len(terms_of(" ".join(f"слово{number}" for number in range(100)))) == 32


def text_of(segments: list[Segment]) -> str:
    return "".join(f"[{segment.text}]" if segment.match else segment.text for segment in segments)


def test_words_that_were_meant_are_marked_in_the_whole_text() -> None:
    assert text_of(marked("Приветы из Ёлкино", terms_of("привет елк"))) == "[Приветы] из [Ёлкино]"
    assert text_of(marked("Nothing here", terms_of("привет"))) == "Nothing here"
    assert text_of(marked("<b>run</b>", terms_of("running "))) == "<b>[run]</b>"


def test_a_snippet_shows_the_piece_where_most_of_the_words_stand() -> None:
    text = "кот " + "мимо " * 100 + "а здесь\n\n  кот и пёс вместе. " + "мимо " * 100
    shown = text_of(snippet(text, terms_of("пес кот")))
    assert "[кот] и [пёс] вместе" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 250
    assert "\n" not in shown


def test_a_short_text_is_shown_whole() -> None:
    assert text_of(snippet("run,\tRunning!", terms_of("run"))) == "[run], [Running]!"


@pytest.mark.parametrize("text", ["x" * 100_000, "🦔" * 50_000, "run" + "y" * 100_000, " " * 100_000 + "run", ""])
def test_a_snippet_of_anything_is_short(text: str) -> None:
    assert len(text_of(snippet(text, terms_of("run 🦔")))) < 500
