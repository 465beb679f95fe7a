"""The order of everything one stream does: what is sent, when it waits, how it is cut. Pure: no socket, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ai_chat.emulators.openrouter.chunks import Chunks
from ai_chat.emulators.openrouter.framing import BOM, Framing
from ai_chat.emulators.openrouter.generations import Generation, Outcome
from ai_chat.emulators.openrouter.knobs import Knobs

#: Faults after which nothing more is said, in the order of precedence.
FATAL = ("error_int", "error_string", "error_bare", "error_choice", "error_recorded", "reset", "truncate", "eof")


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes of one event, standing for so many completion tokens."""

    data: bytes
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing for a while, except a comment every `keepalive` seconds if that is not 0."""

    seconds: float
    keepalive: float = 0.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of the connection by force, after a torn piece of an event."""

    how: Literal["reset", "truncate"]
    torn: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The end of the script and what it means for the bill."""

    outcome: Outcome


Step = Send | Pause | Cut | End


class Script:
    """One generation's stream under its knobs; iterate it once."""

    def __init__(self, generation: Generation, chunks: Chunks, framing: Framing, knobs: Knobs) -> None:
        self._answer = generation.answer
        self._chunks = chunks
        self._framing = framing
        self._knobs = knobs
        self._sent = 0
        self._struck = False

    def __iter__(self) -> Iterator[Step]:
        fatal = next((fault for fault in FATAL if self._knobs.has(fault)), None)
        yield from self._opening()
        for send in self._deltas():
            if self._sent >= self._knobs.after and not self._struck:
                yield from self._strike()
                if fatal:
                    yield from self._die(fatal)
                    return
            yield send
            self._sent += send.tokens
            if send.tokens:
                yield from self._between()
        if not self._struck:
            yield from self._strike()
        yield from self._die(fatal) if fatal else self._closing()

    def _opening(self) -> Iterator[Step]:
        knobs = self._knobs
        if knobs.has("bom"):
            yield Send(BOM)
        for _ in range(knobs.comments):
            yield Send(self._framing.comment())
        if knobs.has("unknown"):
            yield Send(self._framing.event(b'{"weather":"fine"}', b"id: 42", b"retry: 3000", b"event: weather"))
        if knobs.ttft_ms:
            yield Pause(knobs.ttft_ms / 1000)

    def _deltas(self) -> Iterator[Send]:
        """The answer itself, one event a token."""
        event, answer = self._framing.event, self._answer
        if answer.hidden:
            yield Send(self._framing.comment(), len(answer.reasoning))
        else:
            for payload in self._chunks.encrypted_reasoning():
                yield Send(event(payload))
            for piece in answer.reasoning:
                yield Send(event(self._chunks.reasoning(piece)), 1)
        for citation in answer.citations:
            yield Send(event(self._chunks.delta({"role": "assistant", "content": "", "annotations": [citation]})))
        for piece in answer.content:
            yield Send(event(self._chunks.content(piece)), 1)
        for image in answer.images:
            yield Send(self._framing.comment())
            yield Send(event(self._chunks.image(image)), answer.image_tokens // len(answer.images))
        for payload in self._chunks.tool_calls(answer.tool_calls):
            yield Send(event(payload), 1)

    def _between(self) -> Iterator[Step]:
        """What comes between two tokens."""
        knobs, event = self._knobs, self._framing.event
        if knobs.comments_every and self._sent % knobs.comments_every == 0:
            yield Send(self._framing.comment())
        if knobs.has("empty_choices"):
            yield Send(event(self._chunks.choiceless()))
        if knobs.has("empty_delta"):
            yield Send(event(self._chunks.delta({})))
            yield Send(event(self._chunks.delta({"role": "assistant", "content": None})))
        if knobs.has("unknown"):
            yield Send(event(b'{"object":"chat.completion.surprise","payload":[1,{"a":null}]}'))

    def _strike(self) -> Iterator[Step]:
        """The faults that strike once in mid-stream and let it go on."""
        self._struck = True
        if self._knobs.has("stall"):
            yield Pause(self._knobs.seconds, self._knobs.keepalive_ms / 1000)
        if self._knobs.has("garbage"):
            yield Send(self._framing.raw(b"{not json"))

    def _die(self, fault: str) -> Iterator[Step]:
        """The fault that ends the stream before its time."""
        if fault.startswith("error"):
            yield Send(self._framing.event(self._chunks.error(fault, self._sent)))
            if fault == "error_recorded":
                yield Send(self._framing.raw(b"[DONE]"))
            yield End("failed")
        elif fault == "eof":
            yield End("broken")
        else:
            torn = self._framing.event(self._chunks.content(" torn"))
            yield Cut("reset" if fault == "reset" else "truncate", torn[: len(torn) // 2])

    def _closing(self) -> Iterator[Step]:
        knobs, event = self._knobs, self._framing.event
        if knobs.usage != "d" or knobs.has("no_usage"):
            yield Send(event(self._chunks.finish()))
        if knobs.has("duplicate_finish"):
            yield Send(event(self._chunks.finish()))
        if not knobs.has("no_usage"):
            yield Send(event(self._chunks.usage(self._sent)))
        if not knobs.has("eof_after_finish"):
            yield Send(self._framing.raw(b"[DONE]"))
        yield End("done")
