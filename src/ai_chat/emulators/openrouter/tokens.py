"""The emulator's tokenizer: deterministic, reversible and simple enough to do in one's head.

Rule: a token is up to four non-space characters together with all white space before them; white space at the very end
is one more token. So `"Hello, world"` is `Hell` `o,` ` worl` `d`: 4 tokens. Pieces joined give the text back, and a
piece may cut a ZWJ emoji sequence or a combining mark in two, as real tokenizers do.

A prompt costs 4 tokens a message plus the tokens of its text, 85 an image, 256 any other attachment, and 3 at the end.
"""

from __future__ import annotations

import re

from ai_chat.emulators.json_values import Json, as_list, as_object, as_text

_PIECE = re.compile(r"\s*\S{1,4}|\s+")
PER_MESSAGE = 4
PER_PROMPT = 3
PER_IMAGE = 85
PER_ATTACHMENT = 256


def split(text: str) -> tuple[str, ...]:
    """The text as tokens, each of which becomes one delta of the stream."""
    return tuple(_PIECE.findall(text))


def count(text: str) -> int:
    return len(split(text))


def count_prompt(messages: list[Json]) -> int:
    """Prompt tokens of a request's messages."""
    return PER_PROMPT + sum(_count_message(as_object(message)) for message in messages)


def text_of(content: Json) -> str:
    """The text of a message's content, whether a plain string or a list of parts."""
    if isinstance(content, str):
        return content
    parts = (as_object(part) for part in as_list(content))
    return "\n".join(as_text(part.get("text")) for part in parts if part.get("type") == "text")


def _count_message(message: dict[str, Json]) -> int:
    content = message.get("content")
    total = PER_MESSAGE + count(text_of(content))
    for part in as_list(content):
        kind = as_object(part).get("type")
        if kind == "image_url":
            total += PER_IMAGE
        elif kind != "text":
            total += PER_ATTACHMENT
    return total
