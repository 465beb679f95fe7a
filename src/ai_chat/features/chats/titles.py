"""What a chat is called when its person gave it no name."""

import re
import unicodedata

_LONGEST = 60
_THOUGHTS = re.compile(r"<think>.*?(</think>|$)", re.DOTALL)
_TAGS = re.compile(r"<[^<>]*>|[<>]")
_LABEL = re.compile(r"^(title|chat title|заголовок|название)\s*[:—-]\s*", re.IGNORECASE)
_QUOTES = " \t\"'`«»„“”\u2018\u2019*_#.>~-"
_MARKS = re.compile(r"^[\s#>*`~_-]+|[*`~_]+")


def title_from(message: str) -> str | None:
    """The beginning of the first message, cut at a word; None where it has no words."""
    lines = (_MARKS.sub("", line).strip() for line in message.splitlines())
    first = " ".join(next((line for line in lines if any(sign.isalnum() for sign in line)), "").split())
    if not first:
        return None
    return _cut(first)


def title_of_model(answer: str) -> str | None:
    """What a model answered when it was asked for a title, whatever else it said; None where that is none."""
    text = _THOUGHTS.sub("", answer)
    text = _TAGS.sub("", text)
    lines = (_LABEL.sub("", "".join(map(_plain, line)).strip(_QUOTES)).strip(_QUOTES) for line in text.splitlines())
    first = " ".join(next((line for line in lines if any(sign.isalnum() for sign in line)), "").split())
    return _cut(first) if first else None


def _plain(sign: str) -> str:
    """Nothing that steers a screen or turns the direction of writing; blanks of all kinds are one."""
    kind = unicodedata.category(sign)
    return " " if kind.startswith("Z") or sign == "\t" else "" if kind.startswith("C") else sign


def _cut(title: str) -> str:
    if len(title) <= _LONGEST:
        return title
    cut = title[: _LONGEST - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,.;:—-") + "…"
