"""Words as people look for them: «привет» finds «Приветы», "running" finds "run", «елка» finds «Ёлка», "cafe" finds "Café".

A word has two forms: whole (in small letters, without accents) and its stem, by Snowball's algorithms for Russian and
English. Texts are indexed by both, each behind a letter that says which it is: `w`, `s`, or `b` where they are the same.
What is not a letter, digit or emoji only separates words, so that no sign of a query has a meaning.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

_LONGEST = 64
"""Characters of a word that count."""
_MOST_TERMS = 32
"""Words of a query that count."""
_SHORTEST_BEGINNING = 2
"""One letter begins so many words that finding them helps nobody."""

_ONE_SIGN_WORDS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts that put no blanks between words: each sign counts as one."""
_EMOJI = "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
_SIGN = f"[{_ONE_SIGN_WORDS}{_EMOJI}]"
_LETTER = f"[^\\W_{_ONE_SIGN_WORDS}]"
_ACCENTS = "[\u0300-\u036f]"
_WORDS = re.compile(f"{_SIGN}|{_LETTER}+")
_ACCENTED_WORDS = re.compile(f"{_SIGN}|{_LETTER}(?:{_LETTER}|{_ACCENTS})*")
_HAS_ACCENTS = re.compile(_ACCENTS)
_SIGNS = re.compile(_SIGN)
_BREVE = "\u0306"  # й is no и with an accent

_RUSSIAN = re.compile("[\u0430-\u044f]+")
_ENGLISH = re.compile("[a-z]+")
_russian = Stemmer.Stemmer("russian", 0)
_english = Stemmer.Stemmer("english", 0)
_turn = threading.Lock()  # a stemmer works on one word at a time


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, and where it stands."""

    start: int
    end: int
    whole: str
    stem: str


@dataclass(frozen=True, slots=True)
class Term:
    """A word that is looked for."""

    whole: str
    stem: str
    begins: bool
    """It may still be being typed: words that begin so are meant as well."""

    def means(self, word: Word) -> bool:
        return word.stem == self.stem or (self.begins and word.whole.startswith(self.whole))


def words_of(text: str) -> Iterator[Word]:
    for found in (_ACCENTED_WORDS if _HAS_ACCENTS.search(text) else _WORDS).finditer(text):
        whole, stem = forms(found[0])
        if whole:
            yield Word(found.start(), found.end(), whole, stem)


def lexemes_of(text: str, most: int) -> set[str]:
    """What the text is found by; of an endless text, `most` of it."""
    found: set[str] = set()
    for match in (_ACCENTED_WORDS if _HAS_ACCENTS.search(text) else _WORDS).finditer(text):
        whole, stem = forms(match[0])
        if whole == stem:
            found.add("b" + whole)
        else:
            found.add("w" + whole)
            found.add("s" + stem)
        if len(found) >= most:
            break
    found.discard("b")
    return found


def as_typed(whole: str, stem: str) -> tuple[str, ...]:
    """What texts with just this word are indexed by."""
    return ("b" + whole,) if whole == stem else ("w" + whole,)


def beginning(whole: str) -> tuple[str, ...]:
    """How the lexemes of words begin that begin so."""
    return "w" + whole, "b" + whole


def any_form(stem: str) -> tuple[str, ...]:
    """What texts with any word of this stem are indexed by."""
    return "s" + stem, "b" + stem


def terms_of(query: str) -> list[Term]:
    """The different words that are looked for; the last one may be the beginning of a word, if nothing stands behind it."""
    found: dict[str, Term] = {}
    for word in words_of(query):
        typing = word.end == len(query) and len(word.whole) >= _SHORTEST_BEGINNING and not _SIGNS.match(word.whole)
        if typing or word.whole not in found:
            found[word.whole] = Term(word.whole, word.stem, typing)
        if len(found) == _MOST_TERMS:
            break
    return list(found.values())


@lru_cache(100_000)
def forms(word: str) -> tuple[str, str]:
    """The word whole and its stem; of what is none, two empty texts."""
    whole = _plain(word)[:_LONGEST]
    if _RUSSIAN.fullmatch(whole):
        with _turn:
            return whole, _russian.stemWord(whole)
    if _ENGLISH.fullmatch(whole):
        with _turn:
            return whole, _english.stemWord(whole)
    return whole, whole


def _plain(word: str) -> str:
    if word.isascii():
        return word.lower()
    if _SIGNS.match(word):
        return word
    signs: list[str] = []
    for sign in unicodedata.normalize("NFKD", word.casefold()):
        if not unicodedata.combining(sign) or (sign == _BREVE and signs and signs[-1] == "и"):
            signs.append(sign)
    return "".join(sign for sign in unicodedata.normalize("NFC", "".join(signs)) if sign.isalnum())
