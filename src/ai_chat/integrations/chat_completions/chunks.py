"""What stands inside the events: chunks of an answer, decoded leniently, folded into the relay's sink.

Providers differ in all that is not here, and add fields without notice; only what we use is declared.
"""

import json
from decimal import Decimal

import msgspec
import structlog

from ai_chat.integrations.chat_completions.failures import failure_of_error
from ai_chat.integrations.chat_completions.sse import data_of
from ai_chat.integrations.chat_completions.usual import UsualChunk, around_text
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import AnswerSink, UpstreamFailure, Usage

DONE = b"[DONE]"
_MOST_TOKENS = 2**31
_HIGHEST_COST = Decimal(1000)
_PLACES = 24
_NOTHING = msgspec.Raw(b"null")

log = structlog.get_logger()


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None  # the name that vLLM, llama.cpp and DeepSeek use


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None
    error: msgspec.Raw = _NOTHING  # `Raw | None` would accept null alone


class _Usage(msgspec.Struct):
    prompt_tokens: float | None = None
    completion_tokens: float | None = None
    total_tokens: float | None = None
    cost: Decimal | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: msgspec.Raw = _NOTHING
    error: msgspec.Raw = _NOTHING


class _Head(msgspec.Struct):
    """What every chunk repeats, and is read once."""

    id: str | None = None
    model: str | None = None


_LONGEST_NAME = 100
_PROBE = "?"
_MOST_LESSONS = 8
_MOST_TRIES = 3
_decode = msgspec.json.Decoder(_Chunk, strict=False).decode
_decode_head = msgspec.json.Decoder(_Head, strict=False).decode
_decode_usage = msgspec.json.Decoder(_Usage, strict=False).decode


class ChunkFold:
    """Folds one stream's chunks into a sink and knows, at its end, whether the answer is whole."""

    def __init__(self, sink: AnswerSink) -> None:
        self._sink = sink
        self._finish_reason: str | None = None
        self._introduced = False
        self.done = False
        """`[DONE]` was seen: nothing more will come."""
        self._usual: UsualChunk | None = None
        self._lessons = _MOST_LESSONS
        """How often the usual chunk may still be learned anew: some streams have none."""

    def take_block(self, block: bytes) -> bool:
        """Whole events as they stand on the wire; False where none of them has data. UpstreamFailure as for `take`."""
        start, tries, any_data = 0, _MOST_TRIES, False
        while start < len(block):
            if tries and self._usual is not None and not self.done:
                tries -= 1
                if (usual := self._usual.texts_of(block, start)) is not None:
                    texts, start = usual
                    any_data = True
                    self._say("".join(texts))
                    continue
            end = block.find(b"\n\n", start)
            if end < 0:
                break  # one line end more than it takes
            if (data := data_of(block[start:end])) is not None:
                any_data = True
                self.take(data)
            start = end + 2
        return any_data

    def take(self, data: bytes) -> None:
        """One event's data. UpstreamFailure where it carries an error; what makes no sense is passed over and logged."""
        if self.done:
            return
        if self._usual is not None and (text := self._usual.text_of(data)) is not None:
            self._say(text)
            return
        if data == DONE:
            self.done = True
            return
        if not data.strip():
            return
        chunk = _parse(data)
        if chunk is None:
            return
        if not self._introduced:
            self._introduce(data)
        choices = chunk.choices or ()
        for choice in choices:
            self._pass_on(choice.delta)
        self._usage(chunk.usage)
        for error in (chunk.error, *(choice.error for choice in choices)):
            if _present(error):
                raise failure_of_error(error)
        for choice in choices:
            self._finish(choice.finish_reason)
        if self._lessons and self._introduced and b"\n" not in data and _text_alone(chunk):
            self._learn(data)

    def _say(self, text: str) -> None:
        self._lessons = _MOST_LESSONS
        if text:
            self._sink.text(text)

    def _learn(self, data: bytes) -> None:
        """What stands around the text of this chunk, if another text in its place is what would be read then."""
        self._lessons -= 1
        around = around_text(data)
        if around is not None:
            probe = _parse(around[0] + b'"%b"' % _PROBE.encode() + around[1])
            if probe is not None and _text_alone(probe) == _PROBE:
                self._usual = UsualChunk(*around)

    def _introduce(self, data: bytes) -> None:
        try:
            head = _decode_head(data)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return  # a chunk that had to be mended; the next says it again
        if head.id or head.model:
            self._introduced = True
            self._sink.answered_by(_name(head.id), _name(head.model))

    def _pass_on(self, delta: _Delta | None) -> None:
        if delta is None:
            return
        if thought := delta.reasoning or delta.reasoning_content:
            self._sink.reasoning(thought)
        if delta.content:
            self._sink.text(delta.content)

    def _finish(self, reason: str | None) -> None:
        if reason == "error":
            raise UpstreamFailure(ErrorCode.UPSTREAM_ERROR, "finish_reason error", retryable=True)
        if reason and self._finish_reason is None:
            self._finish_reason = reason  # some repeat it with the usage
            self._sink.finish(reason)

    def end(self) -> None:
        """The connection has ended. UpstreamFailure where the answer was cut: no finish reason came, nor `[DONE]`."""
        if self._finish_reason is None and not self.done:
            raise UpstreamFailure(
                ErrorCode.UPSTREAM_DISCONNECTED,
                "the stream ended without finish_reason and [DONE]",
                retryable=True,
                kind="disconnected",
            )

    def _usage(self, raw: msgspec.Raw) -> None:
        if not _present(raw):
            return
        try:
            usage = _decode_usage(raw)
        except msgspec.MsgspecError as problem:
            log.warning("a usage makes no sense", reason=str(problem), usage=bytes(raw)[:200])
            return
        prompt, completion = countable(usage.prompt_tokens), countable(usage.completion_tokens)
        total = countable(usage.total_tokens) or countable(prompt + completion)
        cost = believable_cost(usage.cost)
        if usage.cost is not None and cost is None:
            log.error("the upstream names an impossible cost; it is not believed", cost=str(usage.cost)[:60])
        if total or cost:
            self._sink.usage(Usage(prompt, completion, total, cost))


def _text_alone(chunk: _Chunk) -> str | None:
    """The text of a chunk that says nothing else of what we read."""
    if chunk.choices is None or len(chunk.choices) != 1 or _present(chunk.usage) or _present(chunk.error):
        return None
    choice = chunk.choices[0]
    if choice.delta is None or choice.finish_reason or _present(choice.error):
        return None
    return None if choice.delta.reasoning or choice.delta.reasoning_content else choice.delta.content


def _present(raw: msgspec.Raw) -> bool:
    return raw is not _NOTHING and bytes(raw) not in (b"null", b"{}", b'""', b"false")


def _name(text: str | None) -> str | None:
    """An id that can be kept; a longer one is none of a provider we know."""
    return text if text and len(text) <= _LONGEST_NAME and text.isprintable() else None


def countable(tokens: float | None) -> int:
    """What the database can keep; 0 for a figure that nobody can have counted."""
    return int(tokens) if tokens is not None and 0 <= tokens < _MOST_TOKENS else 0


def believable_cost(cost: Decimal | None) -> Decimal | None:
    """A cost that an answer can have had, in no more digits than the ledger keeps; None for any other."""
    if cost is None or not cost.is_finite() or not 0 <= cost < _HIGHEST_COST:
        return None
    exponent = cost.as_tuple().exponent
    return round(cost, _PLACES) if isinstance(exponent, int) and exponent < -_PLACES else cost


def _parse(data: bytes) -> _Chunk | None:
    """The chunk, or None for what is none: one stray line must not cost a person the rest of the answer."""
    try:
        return _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        try:
            # Half of an escaped surrogate pair is legal for the standard library, and is mended here.
            lenient = json.loads(data.decode(errors="replace"), parse_float=Decimal)
            return _decode(msgspec.json.encode(_mended(lenient)))
        except (ValueError, RecursionError, msgspec.MsgspecError):
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
