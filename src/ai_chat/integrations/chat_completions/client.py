"""Asks an OpenAI-compatible server for an answer and folds its stream into the relay's sink."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

import msgspec

from ai_chat.integrations.chat_completions.chunks import ChunkFold
from ai_chat.integrations.chat_completions.failures import failure_of_error, failure_of_status
from ai_chat.integrations.chat_completions.sse import EventDecoder
from ai_chat.integrations.chat_completions.transport import CONNECT_SECONDS, Next, Transport, TransportFailure
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import AnswerSink, CompletionRequest, UpstreamFailure

IDLE_SECONDS = 90
"""How long a model may think between two pieces of data; comments do not count."""
_RENEW_SECONDS = 5.0
"""The idle time-out is moved on at most this often: a timer per token would be a tenth of its cost."""
_ERROR_BODY_LIMIT = 64 * 1024
_NO_STREAM = ("application/json", "text/html")
_ANSWER_ID = "x-generation-id"


@dataclass(frozen=True, slots=True)
class Target:
    """Where and how to ask: address, key, and what this server wants beside the standard fields."""

    base_url: str
    api_key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)


async def stream_answer(transport: Transport, target: Target, request: CompletionRequest, sink: AnswerSink) -> None:
    """One answer, streamed into `sink`; UpstreamFailure where it fails. Cancel it to break the connection off."""
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream", **target.headers}
    if target.api_key:
        headers["Authorization"] = f"Bearer {target.api_key}"
    body = {
        "model": request.model,
        "messages": [
            {"role": message.role, "content": list(message.parts) or message.content} for message in request.messages
        ],
        "max_tokens": request.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        **target.extra,
        **request.options,
    }
    if request.temperature is not None:
        body["temperature"] = request.temperature
    try:
        async with asyncio.timeout(CONNECT_SECONDS + IDLE_SECONDS) as patience:
            answer = _Answer(sink, patience)
            await transport.post(f"{target.base_url}/chat/completions", headers, msgspec.json.encode(body), answer)
            answer.end()
    except TimeoutError as problem:
        # Retryable by the person; by ourselves never: it has waited long, and the provider may have worked all the time.
        raise UpstreamFailure(
            ErrorCode.UPSTREAM_TIMEOUT, f"no data for {IDLE_SECONDS} s", retryable=True, kind="timeout", retry_after=inf
        ) from problem
    except TransportFailure as problem:
        raise UpstreamFailure(
            ErrorCode.UPSTREAM_DISCONNECTED, str(problem), retryable=True, kind="disconnected"
        ) from problem


class _Answer:
    """The `Receiver` of one answer: events to the fold, or the body of an error."""

    def __init__(self, sink: AnswerSink, patience: asyncio.Timeout) -> None:
        self._sink = sink
        self._decoder, self._fold = EventDecoder(), ChunkFold(sink)
        self._patience = patience
        self._time = asyncio.get_running_loop().time
        self._renewed = self._time()
        self._status = 200
        self._headers: Mapping[str, str] = {}
        self._refused = False
        self._error = bytearray()

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self._status, self._headers = status, headers
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        self._refused = status != 200 or content_type in _NO_STREAM
        if not self._refused:
            self._sink.answered_by(headers.get(_ANSWER_ID), None)

    def data(self, piece: bytes) -> Next:
        if self._refused:
            self._error += piece
            return Next.NOTHING if len(self._error) > _ERROR_BODY_LIMIT else Next.AT_ONCE
        if not self._fold.take_block(self._decoder.block(piece)):
            return Next.AT_ONCE
        if (now := self._time()) - self._renewed > _RENEW_SECONDS:
            self._renewed = now
            self._patience.reschedule(now + _RENEW_SECONDS + IDLE_SECONDS)
        return Next.NOTHING if self._fold.done else Next.WITH_THE_TICK

    def end(self) -> None:
        """UpstreamFailure where it is not the whole answer."""
        if self._refused:
            raise _refusal(self._status, bytes(self._error[:_ERROR_BODY_LIMIT]), self._headers)
        if not self._fold.done:
            for event in self._decoder.end():
                self._fold.take(event)
        self._fold.end()


def _refusal(status: int, body: bytes, headers: Mapping[str, str]) -> UpstreamFailure:
    """The failure of an answer that is no stream: by its status, or by the error inside a 200 that is JSON or a page."""
    if status != 200:
        return failure_of_status(status, body, headers)
    try:
        error = msgspec.json.decode(body, type=dict[str, msgspec.Raw]).get("error")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        error = None
    if error is not None:
        return failure_of_error(error)
    start = body[:200].decode(errors="replace").replace("\n", " ")
    return UpstreamFailure(ErrorCode.UPSTREAM_ERROR, f"no stream: {start}", retryable=True, kind="nonsense")
