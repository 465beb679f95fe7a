"""What the emulator says: every answer is a pure function of the request, so that a test can know it beforehand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ai_chat.emulators.openrouter import samples

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_QUOTE_LIMIT = 200
_PARAGRAPH = (
    "The harbour was quiet at dawn, and the boats lay against the quay like books on a shelf, each with its name and "
    "its colour and a rope that creaked when the water moved. "
)


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer may depend on."""

    last: str
    """The user's last message."""
    messages: int
    model_name: str
    script: str = ""
    tokens: int = 100
    chars: int = 100_000


def compose(mode: str, question: Question) -> str:
    """The text of a mode. KeyError for an unknown one: knobs are checked before."""
    return MODES[mode](question)


def default_answer(question: Question) -> str:
    """A short sensible answer that quotes the user, in Russian to a message with Cyrillic letters in it."""
    quote = _quote(question.last)
    if _CYRILLIC.search(question.last):
        return (
            f"Вы написали: «{quote}». Это ответ локального эмулятора от имени модели {question.model_name}; "
            f"сообщений в контексте: {question.messages}. Поток, токены и цены настоящие по форме, мысли — нет."
        )
    return (
        f"You wrote: “{quote}”. This is the local emulator answering as {question.model_name}; messages in context: "
        f"{question.messages}. The stream, the tokens and the prices are real in shape, the thought is not."
    )


def reasoning_for(question: Question) -> str:
    """What a reasoning model thinks first."""
    if _CYRILLIC.search(question.last):
        return f"Пользователь пишет: «{_quote(question.last)}». Нужно ответить коротко и по делу."
    return f"The user writes: “{_quote(question.last)}”. A short, direct answer will do."


def long_text(length: int) -> str:
    """Exactly `length` characters in numbered paragraphs: a lost or repeated piece shows."""
    paragraphs: list[str] = []
    size = 0
    while size < length:
        paragraphs.append(f"{len(paragraphs) + 1}. {_PARAGRAPH}\n\n")
        size += len(paragraphs[-1])
    return "".join(paragraphs)[:length]


def counting(tokens: int) -> str:
    """Exactly `tokens` tokens, numbered round to 9999: ` 1 2 3 …`."""
    return "".join(f" {number % 10_000}" for number in range(1, tokens + 1))


def _quote(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _QUOTE_LIMIT else flat[:_QUOTE_LIMIT].rstrip() + "…"


def _fixed(text: str) -> Callable[[Question], str]:
    return lambda question: text


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(parts)


#: mode → its text. Modes that are more than text (reasoning, tools, citations, image) are finished in answers.py.
MODES: dict[str, Callable[[Question], str]] = {
    "default": default_answer,
    "echo": lambda question: question.last,
    "script": lambda question: question.script,
    "markdown": _fixed(samples.MARKDOWN),
    "code": _fixed(samples.CODE),
    "latex": _fixed(samples.LATEX),
    "table": _fixed(samples.TABLE),
    "sample": _fixed(_joined([samples.MARKDOWN, samples.CODE, samples.LATEX, samples.TABLE])),
    "long": lambda question: long_text(question.chars),
    "count": lambda question: counting(question.tokens),
    "emoji": _fixed(samples.EMOJI),
    "russian": _fixed(samples.RUSSIAN),
    "hostile": _fixed(samples.HOSTILE),
    "json": lambda question: samples.JSON_ANSWER,
    "empty": _fixed(""),
    "reasoning": default_answer,
    "tools": _fixed(""),
    "citations": default_answer,
    "image": _fixed("Here is the picture."),
}
