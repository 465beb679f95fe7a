"""What stands inside the events: chunks of an answer, decoded leniently, folded into the relay's sink.

Providers differ in all that is not here, and add fields without notice; only what we use is declared.
"""

import json
from decimal import Decimal

import msgspec
import structlog

from ai_chat.integrations.chat_completions.failures import failure_of_error
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import AnswerSink, UpstreamFailure, Usage

DONE = b"[DONE]"

log = structlog.get_logger()


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None  # the name that vLLM, llama.cpp and DeepSeek use


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None
    error: msgspec.Raw | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    cost: Decimal | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: msgspec.Raw | None = None


_decode = msgspec.json.Decoder(_Chunk, strict=False).decode


class ChunkFold:
    """Folds one stream's chunks into a sink and knows, at its end, whether the answer is whole."""

    def __init__(self, sink: AnswerSink) -> None:
        self._sink = sink
        self._finish_reason: str | None = None
        self.done = False
        """`[DONE]` was seen: nothing more will come."""

    def take(self, data: bytes) -> None:
        """One event's data. UpstreamFailure where it carries an error; what makes no sense is passed over and logged."""
        if data == DONE:
            self.done = True
            return
        if not data.strip():
            return
        chunk = _parse(data)
        if chunk is None:
            return
        if _present(chunk.error):
            self._usage(chunk.usage)
            raise failure_of_error(chunk.error)
        for choice in chunk.choices or ():
            delta = choice.delta
            if delta is not None:
                if thought := delta.reasoning or delta.reasoning_content:
                    self._sink.reasoning(thought)
                if delta.content:
                    self._sink.text(delta.content)
            if _present(choice.error):
                self._usage(chunk.usage)
                raise failure_of_error(choice.error)
            if choice.finish_reason == "error":
                self._usage(chunk.usage)
                raise UpstreamFailure(ErrorCode.UPSTREAM_ERROR, "finish_reason error", retryable=True)
            if choice.finish_reason and self._finish_reason is None:
                self._finish_reason = choice.finish_reason  # some repeat it with the usage
                self._sink.finish(choice.finish_reason)
        self._usage(chunk.usage)

    def end(self) -> None:
        """The connection has ended. UpstreamFailure where the answer was cut: no finish reason came, nor `[DONE]`."""
        if self._finish_reason is None and not self.done:
            raise UpstreamFailure(
                ErrorCode.UPSTREAM_DISCONNECTED, "the stream ended without finish_reason and [DONE]", retryable=True
            )

    def _usage(self, usage: _Usage | None) -> None:
        if usage is None:
            return
        prompt, completion = max(usage.prompt_tokens or 0, 0), max(usage.completion_tokens or 0, 0)
        total = usage.total_tokens if usage.total_tokens is not None else prompt + completion
        cost = usage.cost if usage.cost is not None and usage.cost.is_finite() and usage.cost >= 0 else None
        if total or cost:
            self._sink.usage(Usage(prompt, completion, max(total, 0), cost))


def _present(raw: msgspec.Raw | None) -> bool:
    return raw is not None and bytes(raw) not in (b"null", b"{}", b'""', b"false")


def _parse(data: bytes) -> _Chunk | None:
    """The chunk, or None for what is none: one stray line must not cost a person the rest of the answer."""
    try:
        return _decode(data)
    except msgspec.MsgspecError as problem:
        try:
            # Half of an escaped surrogate pair is legal for the standard library, and is mended here.
            return msgspec.convert(_mended(json.loads(data, parse_float=Decimal)), _Chunk, strict=False)
        except (ValueError, RecursionError, msgspec.ValidationError):
            log.warning("an event of the upstream makes no sense", reason=str(problem), data=data[:200])
            return None


def _mended(value: object) -> object:
    """`value` with lone surrogates replaced, everywhere in it."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {key: _mended(item) for key, item in value.items()}
    return value
