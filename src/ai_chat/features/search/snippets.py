"""What is shown of a text that was found: its best piece, and which words of it were meant. Marked in segments, never as HTML."""

from collections.abc import Sequence

from ai_chat.features.search.plain_text import ends_within_code, plain_text
from ai_chat.features.search.schemas import Segment
from ai_chat.features.search.words import Term, Word, words_of

_SHOWN = 180
_BEFORE = 50
"""Characters of a piece, and of them those before its first mark."""
_SURROUNDINGS = 1_500
"""Characters before and behind the first mark that are looked at, so that signs of Markdown are seen with what they belong to."""
_MOST_MARKS = 300
"""Marks of one text that are looked at."""


def marked(text: str, terms: Sequence[Term]) -> list[Segment]:
    """The whole text."""
    return _segments(text, 0, len(text), _marks(text, terms))


def snippet(text: str, terms: Sequence[Term]) -> list[Segment]:
    """The piece in which most of the words stand, the first such; the beginning where none does. Without Markdown's signs."""
    piece, begins, ends = _around(text, terms)
    marks = _marks(piece, terms)
    first = _best(marks, terms)
    start = max(0, (marks[first].start if marks else 0) - _BEFORE)
    if start:
        blank = piece.find(" ", start, start + _BEFORE)
        start = blank + 1 if blank >= 0 else start
    end = min(len(piece), start + _SHOWN)
    if end < len(piece):
        blank = piece.rfind(" ", start + _SHOWN // 2, end)
        end = blank if blank >= 0 else end
    segments = _segments(piece, start, end, marks)
    if start or not begins:
        segments.insert(0, Segment(text="…", match=False))
    if end < len(piece) or not ends:
        segments.append(Segment(text="…", match=False))
    return segments


def _around(text: str, terms: Sequence[Term]) -> tuple[str, bool, bool]:
    """What surrounds most of the words, and whether it is the text's beginning and its end."""
    marks = _marks(text, terms)
    first = marks[_best(marks, terms)].start if marks else 0
    start, end = max(0, first - _SURROUNDINGS), first + _SURROUNDINGS
    if start:
        start = text.find("\n", start, first) + 1 or start
    piece = text[start:end]
    plain = plain_text(piece, within_code=ends_within_code(text[:start])).strip()
    # A word that only an address has, or only a part of a word that a sign divides, is shown among the signs.
    lost = _meant(_marks(plain, terms), terms) < _meant(_marks(piece, terms), terms)
    return piece if lost else plain, start == 0, end >= len(text)


def _meant(marks: Sequence[Word], terms: Sequence[Term]) -> int:
    return sum(any(term.means(word) for word in marks) for term in terms)


def _marks(text: str, terms: Sequence[Term]) -> list[Word]:
    found: list[Word] = []
    for word in words_of(text):
        if any(term.means(word) for term in terms):
            found.append(word)
            if len(found) == _MOST_MARKS:
                break
    return found


def _best(marks: Sequence[Word], terms: Sequence[Term]) -> int:
    """Where the piece with the most different words begins."""
    best, most = 0, 0
    for at, first in enumerate(marks):
        near = [word for word in marks[at : at + 20] if word.end <= first.start + _SHOWN - _BEFORE]
        meant = _meant(near, terms)
        if meant > most:
            best, most = at, meant
            if most == len(terms):
                break
    return best


def _segments(text: str, start: int, end: int, marks: Sequence[Word]) -> list[Segment]:
    found: list[Segment] = []
    at = start
    for word in marks:
        if word.start < at or word.end > end:
            continue
        if word.start > at:
            found.append(Segment(text=_one_line(text[at : word.start]), match=False))
        if found and found[-1].match:
            found[-1].text += text[word.start : word.end]
        else:
            found.append(Segment(text=text[word.start : word.end], match=True))
        at = word.end
    if at < end:
        found.append(Segment(text=_one_line(text[at:end]), match=False))
    return found


def _one_line(text: str) -> str:
    """Blanks and line ends of all kinds become one blank."""
    words = " ".join(text.split())
    if not words:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + words + (" " if text[-1].isspace() else "")
