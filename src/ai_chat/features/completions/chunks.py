"""A generation's frames as OpenAI's clients read them: translated a frame at a time, or folded into one answer."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from ai_chat.http.openai_errors import openai_error
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.relay.events import (
    DeltaEvent,
    DoneEvent,
    ErrorEvent,
    ReasoningEvent,
    StartEvent,
    decode_frame,
    fold_frames,
)

_KNOWN_REASONS = ("stop", "length", "content_filter")
_encode = msgspec.json.Encoder().encode


def completion_id(generation_id: UUID) -> str:
    return f"chatcmpl-{generation_id.hex}"


class ChunkTranslator:
    """Makes `chat.completion.chunk`s of frames. What stands in every chunk is encoded once."""

    def __init__(self, generation_id: UUID, created: int, model: str, *, include_usage: bool) -> None:
        common = {
            "id": completion_id(generation_id),
            "object": "chat.completion.chunk",
            "created": created,
            "model": model,
            "system_fingerprint": None,
        }
        self._head = b"data: " + _encode(common)[:-1] + b',"choices":'
        self._include_usage = include_usage
        self._tail = (b',"usage":null' if include_usage else b"") + b"}\n\n"

    def translate(self, frames: bytes) -> bytes:
        """Whole frames as they stand in the log, in; the chunks that they become, out."""
        return b"".join(map(self._chunk_of, frames.split(b"\n\n")[:-1]))

    def _chunk_of(self, frame: bytes) -> bytes:
        event = decode_frame(frame)
        if isinstance(event, DeltaEvent):
            return self._delta(b'{"content":' + _encode(event.delta) + b"}")
        if isinstance(event, ReasoningEvent):
            thought = _encode(event.reasoning)  # by both names that are in use
            return self._delta(b'{"reasoning":' + thought + b',"reasoning_content":' + thought + b"}")
        if isinstance(event, StartEvent):
            return self._delta(b'{"role":"assistant","content":""}')
        if isinstance(event, DoneEvent) and event.finish_reason != "stopped":
            return self._end(event)
        if isinstance(event, (DoneEvent, ErrorEvent)):
            failure = failure_of(event)
            return b'data: {"error":' + _encode(openai_error(failure.code, failure.message)) + b"}\n\n"
        return b""

    def _delta(self, delta: bytes) -> bytes:
        return self._head + b'[{"index":0,"delta":' + delta + b',"logprobs":null,"finish_reason":null}]' + self._tail

    def _end(self, event: DoneEvent) -> bytes:
        reason = _encode(_reason(event))
        last = self._head + b'[{"index":0,"delta":{},"logprobs":null,"finish_reason":' + reason + b"}]" + self._tail
        usage = self._head + b'[],"usage":' + _encode(_usage(event)) + b"}\n\n" if self._include_usage else b""
        return last + usage + b"data: [DONE]\n\n"


def whole_completion(generation_id: UUID, created: int, model: str, frames: Sequence[bytes]) -> dict[str, object]:
    """The `chat.completion` of a log that has ended; AppError where the answer did not end well."""
    end = decode_frame(frames[-1])
    if not isinstance(end, DoneEvent) or end.finish_reason == "stopped":
        raise failure_of(end)
    text, reasoning = fold_frames(frames)
    message: dict[str, object] = {"role": "assistant", "content": text, "refusal": None}
    if reasoning:
        message |= {"reasoning": reasoning, "reasoning_content": reasoning}
    return {
        "id": completion_id(generation_id),
        "object": "chat.completion",
        "created": created,
        "model": model,
        "system_fingerprint": None,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(end)}],
        "usage": _usage(end),
    }


def failure_of(end: object) -> AppError:
    """Why an answer that did not end well did not. One that was stopped is never passed off as whole."""
    if isinstance(end, ErrorEvent):
        return AppError(ErrorCode.__members__.get(end.error.code, ErrorCode.INTERRUPTED), end.error.message)
    return AppError(ErrorCode.INTERRUPTED, "The answer was stopped before its end.")


def _reason(event: DoneEvent) -> str:
    return event.finish_reason if event.finish_reason in _KNOWN_REASONS else "stop"


def _usage(event: DoneEvent) -> dict[str, int]:
    prompt, completion = event.prompt_tokens or 0, event.completion_tokens or 0
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": event.tokens_used}
