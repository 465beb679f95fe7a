"""Asks an OpenAI-compatible server for an answer and folds its stream into the relay's sink."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp

from ai_chat.integrations.chat_completions.chunks import ChunkFold
from ai_chat.integrations.chat_completions.failures import failure_of_status, kind_of
from ai_chat.integrations.chat_completions.sse import EventDecoder
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import AnswerSink, CompletionRequest, UpstreamFailure

CONNECT_SECONDS = 15
IDLE_SECONDS = 90
"""How long a model may think between two pieces of data; comments do not count."""
_RENEW_SECONDS = 1.0
"""The idle time-out is moved on at most this often: a timer per token would be a tenth of its cost."""
_ERROR_BODY_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """Where and how to ask: address, key, and what this server wants beside the standard fields."""

    base_url: str
    api_key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)


async def stream_answer(
    session: aiohttp.ClientSession, target: Target, request: CompletionRequest, sink: AnswerSink
) -> None:
    """One answer, streamed into `sink`; UpstreamFailure where it fails. Cancel it to break the connection off."""
    headers = {"Accept": "text/event-stream", **target.headers}
    if target.api_key:
        headers["Authorization"] = f"Bearer {target.api_key}"
    body = {
        "model": request.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
        **target.extra,
    }
    timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS)
    try:
        async with asyncio.timeout(None) as patience:
            loop = asyncio.get_running_loop()
            renewed = loop.time()
            patience.reschedule(renewed + CONNECT_SECONDS + IDLE_SECONDS)
            async with session.post(
                f"{target.base_url}/chat/completions",
                json=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,  # a conversation goes to the address that the operator named, and to no other
            ) as response:
                if response.status != 200:
                    raise failure_of_status(response.status, await response.content.read(_ERROR_BODY_LIMIT))
                decoder, fold = EventDecoder(), ChunkFold(sink)
                async for chunk in response.content.iter_any():
                    events = decoder.feed(chunk)
                    if events and (now := loop.time()) - renewed > _RENEW_SECONDS:
                        renewed = now
                        patience.reschedule(now + IDLE_SECONDS)
                    for data in events:
                        fold.take(data)
                    if fold.done:
                        break
                else:
                    for data in decoder.end():
                        fold.take(data)
                fold.end()
    except TimeoutError as problem:
        raise UpstreamFailure(ErrorCode.UPSTREAM_TIMEOUT, f"no data for {IDLE_SECONDS} s", retryable=True) from problem
    except aiohttp.ClientError as problem:
        raise UpstreamFailure(ErrorCode.UPSTREAM_DISCONNECTED, kind_of(problem), retryable=True) from problem
