"""Answers as they come over the wire, and what a client must have understood at the end of each.

The files of `recordings/` are written after recordings and documents (external-apis.md A3 and A4); `index.json` says of
each what it is for and what it means. Replay them cut in two at every byte: the meaning must not change.

Do not open them in an editor that mends line ends.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ExpectedUsage:
    """`cost` is the number as written on the wire, for Decimal; None if it was null."""

    prompt_tokens: int
    completion_tokens: int
    cost: str | None
    reasoning_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """`code` as sent: a number, a string or nothing. `message` None: there was none."""

    code: int | str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class ExpectedToolCall:
    """`arguments` may be the empty string, which means no arguments."""

    index: int
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer and its meaning."""

    name: str
    why: str
    data: bytes
    status: int
    content_type: str
    headers: dict[str, str]
    outcome: Literal["complete", "failed", "truncated"] | None
    """failed: it says so; truncated: it just ends; None: the client may choose, but must not break."""
    text: str | None
    """None: unspecified, but the stream must be read to its end."""
    reasoning: str
    finish_reason: str | None
    usage: ExpectedUsage | None
    error: ExpectedError | None
    done: bool | None
    """Whether [DONE] was seen; None: the client may choose."""
    id: str | None
    model: str | None
    tool_calls: tuple[ExpectedToolCall, ...]
    annotations: int
    images: int

    @property
    def is_stream(self) -> bool:
        return self.status == 200 and self.content_type == "text/event-stream"

    def halves(self) -> Iterator[tuple[bytes, bytes]]:
        """The bytes cut in two at every place, ends included."""
        return ((self.data[:place], self.data[place:]) for place in range(len(self.data) + 1))

    def singly(self) -> Iterator[bytes]:
        """The bytes one at a time."""
        return (self.data[place : place + 1] for place in range(len(self.data)))


def load() -> list[Sample]:
    """All samples, in the order of the index."""
    return [_read(entry) for entry in json.loads((HERE / "index.json").read_text(encoding="utf-8"))]


def huge_image(size: int = 1_400_000) -> Sample:
    """One event with an image of `size` bytes (the default makes the line of 1.87 MB that was once recorded)."""
    shape = next(sample for sample in load() if sample.name == "usage-shape-c")
    noise = base64.b64encode(random.Random(size).randbytes(size)).decode()
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{noise}"}, "index": 0}
    choice = {
        "index": 0,
        "delta": {"role": "assistant", "content": "", "images": [image]},
        "finish_reason": None,
        "native_finish_reason": None,
    }
    chunk = {"id": shape.id, "object": "chat.completion.chunk", "created": 1787214057, "model": shape.model}
    event = b"data: " + json.dumps({**chunk, "choices": [choice]}, separators=(",", ":")).encode() + b"\n\n"
    marker = b'data: {"id"'
    first = shape.data.index(marker, shape.data.index(b"Hel"))
    data = shape.data[:first] + b": OPENROUTER PROCESSING\n\n" + event + shape.data[first:]
    fields = {name: getattr(shape, name) for name in Sample.__slots__}
    return Sample(**{**fields, "name": "huge-image", "why": "one very long line", "data": data, "images": 1})


def _read(entry: dict[str, object]) -> Sample:
    values = {name: entry[name] for name in Sample.__slots__ if name not in {"data", "usage", "error", "tool_calls"}}
    usage, error, calls = entry["usage"], entry["error"], entry["tool_calls"]
    assert isinstance(calls, list)
    return Sample(
        **values,  # type: ignore[arg-type]
        data=(HERE / "recordings" / str(entry["file"])).read_bytes(),
        usage=ExpectedUsage(**usage) if isinstance(usage, dict) else None,
        error=ExpectedError(**error) if isinstance(error, dict) else None,
        tool_calls=tuple(ExpectedToolCall(**call) for call in calls),
    )
