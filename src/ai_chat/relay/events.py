"""What a reader is told, as a closed union of small events, and how it stands on the wire.

The union is the one home of the stream's shape: OpenAPI's `StreamEvent` and docs/events.md are made from it.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

FinishReason: TypeAlias = str
"""`stop`, `length`, `stopped`, or a provider's own word."""


class Sibling(msgspec.Struct, frozen=True, rename="camel"):
    """One of several answers to the same message."""

    generation_id: str
    message_id: str
    model: str


class StartEvent(msgspec.Struct, tag="start", tag_field="type", frozen=True, rename="camel", omit_defaults=True):
    """The first frame: which messages and which generation the stream belongs to."""

    message_id: str
    user_message_id: str
    generation_id: str
    model: str
    siblings: tuple[Sibling, ...] = ()
    """Where several models answer at once: all of them, this one included. Left out otherwise."""


class DeltaEvent(msgspec.Struct, tag="delta", tag_field="type", frozen=True):
    """A piece of the answer. All pieces in order are the stored message, byte for byte."""

    delta: str


class ReasoningEvent(msgspec.Struct, tag="reasoning", tag_field="type", frozen=True):
    """A piece of what the model thinks aloud before it answers."""

    reasoning: str


class TitleEvent(msgspec.Struct, tag="title", tag_field="type", frozen=True):
    """The chat was named after its first message."""

    title: str


class DoneEvent(msgspec.Struct, tag="done", tag_field="type", frozen=True, rename="camel", kw_only=True):
    """The last frame of an answer that ended well or was stopped."""

    done: Literal[True] = True
    tokens_used: int
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    """The parts of `tokensUsed`; null in a replay of a stored answer."""
    finish_reason: FinishReason
    cost: str | None
    """US dollars as a decimal string; null where nobody knows."""
    estimated: bool
    """True where the upstream reported no usage and `tokensUsed` is our estimate."""


class StreamError(msgspec.Struct, frozen=True):
    code: str
    message: str
    retryable: bool


class ErrorEvent(msgspec.Struct, tag="error", tag_field="type", frozen=True):
    """The last frame of an answer that failed; what was received before it is kept."""

    error: StreamError


StreamEvent: TypeAlias = StartEvent | DeltaEvent | ReasoningEvent | TitleEvent | DoneEvent | ErrorEvent

KEEP_ALIVE = b": keep-alive\n\n"
KEEP_ALIVE_SECONDS = 15

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(StreamEvent).decode


def encode_frame(seq: int, event: StreamEvent) -> bytes:
    """One frame of the event stream: `id` for resuming, `data` with the event as JSON."""
    return b"id: %d\ndata: %b\n\n" % (seq, _encode(event))


def decode_frame(frame: bytes) -> StreamEvent:
    """The event that an encoded frame carries."""
    event: StreamEvent = _decode(frame[frame.index(b"data: ") + 6 :])
    return event


def fold_frames(frames: Sequence[bytes]) -> tuple[str, str]:
    """The text and the reasoning that encoded frames carry."""
    text, reasoning = [], []
    for frame in frames:
        event = decode_frame(frame)
        if isinstance(event, DeltaEvent):
            text.append(event.delta)
        elif isinstance(event, ReasoningEvent):
            reasoning.append(event.reasoning)
    return "".join(text), "".join(reasoning)
