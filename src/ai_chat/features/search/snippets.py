"""What is shown of a text that was found: its best piece, and which words of it were meant. Marked in segments, never as HTML."""

from collections.abc import Sequence

from ai_chat.features.search.schemas import Segment
from ai_chat.features.search.words import Term, Word, words_of

_SHOWN = 180
_BEFORE = 50
"""Characters of a piece, and of them those before its first mark."""
_MOST_MARKS = 300
"""Marks of one text that are looked at."""


def marked(text: str, terms: Sequence[Term]) -> list[Segment]:
    """The whole text."""
    return _segments(text, 0, len(text), _marks(text, terms))


def snippet(text: str, terms: Sequence[Term]) -> list[Segment]:
    """The piece in which most of the words stand, the first such; the beginning where none does."""
    marks = _marks(text, terms)
    first = _best(marks, terms)
    start = max(0, (marks[first].start if marks else 0) - _BEFORE)
    if start:
        blank = text.find(" ", start, start + _BEFORE)
        start = blank + 1 if blank >= 0 else start
    end = min(len(text), start + _SHOWN)
    if end < len(text):
        blank = text.rfind(" ", start + _SHOWN // 2, end)
        end = blank if blank >= 0 else end
    segments = _segments(text, start, end, marks)
    if start:
        segments.insert(0, Segment(text="…", match=False))
    if end < len(text):
        segments.append(Segment(text="…", match=False))
    return segments


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
        meant = sum(any(term.means(word) for word in near) for term in terms)
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
