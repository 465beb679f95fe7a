"""A conversation in the one shape that everything brought in is given before it is stored. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from ai_chat.kernel.text import storable_piece
from ai_chat.kernel.tokens import estimate_tokens

LONGEST_MESSAGE = 1_000_000
MOST_MESSAGES = 20_000
_EARLIEST = datetime(2015, 1, 1, tzinfo=UTC).timestamp()
_CITATION = re.compile("\ue200[^\ue201]{0,2000}\ue201")
"""Marks that only the web page they come from knows how to show."""


class Message(msgspec.Struct):
    """`parent` is the place of the message it follows, which stands before it. `at` is in seconds since 1970."""

    parent: int | None
    role: Literal["user", "assistant"]
    content: str
    at: float
    tokens: int
    model: str | None = None
    reasoning: str | None = None


class Conversation(msgspec.Struct):
    source: str
    title: str
    created: float
    updated: float
    leaf: int
    messages: list[Message]
    model: str | None = None
    system_prompt: str | None = None
    temperature: float | None = None


class Problem(msgspec.Struct):
    """Something that could not be brought in: which, and a code of why."""

    title: str
    reason: Literal["damaged", "empty", "too_long"]


Line = Conversation | Problem


class NotUsable(Exception):
    """The conversation cannot be brought in."""

    def __init__(self, reason: Literal["damaged", "empty", "too_long"], title: str = "") -> None:
        self.problem = Problem(title, reason)
        super().__init__(reason)


def text_of(value: object, longest: int = LONGEST_MESSAGE) -> str:
    """A text that a database can hold; empty for anything that is none."""
    return _CITATION.sub("", storable_piece(value))[:longest] if isinstance(value, str) else ""


def title_of(value: object) -> str:
    return " ".join(text_of(value, 1000).split())[:255]


def moment_of(value: object, otherwise: float, now: float) -> float:
    """Seconds since 1970, of a number or a text; `otherwise` where it makes no sense."""
    found = otherwise
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        found = float(value)
    elif isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value)
            found = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
    return found if _EARLIEST <= found <= now else otherwise


class Draft(msgspec.Struct):
    """A message before it has its place; `after` names the one it follows."""

    after: str | None
    role: Literal["user", "assistant"]
    content: str
    at: float
    model: str | None = None
    reasoning: str | None = None


def in_order(drafts: Mapping[str, Draft], leaf: str | None) -> tuple[list[Message], int]:
    """Messages in the order of saying, each behind the one it follows, and the place of `leaf`. Circles are cut: what is not
    reached from a beginning begins by itself.
    """
    children: dict[str | None, list[str]] = {}
    for name, draft in drafts.items():
        children.setdefault(draft.after if draft.after in drafts else None, []).append(name)
    places: dict[str, int] = {}
    messages: list[Message] = []

    def take(beginning: str, parent: int | None) -> None:
        waiting: list[tuple[str, int | None]] = [(beginning, parent)]
        while waiting:
            name, follows = waiting.pop()
            if name in places:
                continue
            draft = drafts[name]
            places[name] = len(messages)
            messages.append(
                Message(
                    follows,
                    draft.role,
                    draft.content,
                    draft.at,
                    estimate_tokens(draft.content),
                    draft.model,
                    draft.reasoning,
                )
            )
            later = sorted(children.get(name, ()), key=lambda one: drafts[one].at, reverse=True)
            waiting += [(one, places[name]) for one in later]

    for name in sorted(children.get(None, ()), key=lambda one: drafts[one].at):
        take(name, None)
    for name in drafts:
        take(name, None)
    return messages, places.get(leaf or "", len(messages) - 1)
