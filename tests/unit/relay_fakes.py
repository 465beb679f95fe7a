"""Working stand-ins for the relay's two ports, and what a test needs to watch a generation."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from ai_chat.kernel.ids import new_id
from ai_chat.relay.generation import Ending, GenerationPlan, Prices, Snapshot
from ai_chat.relay.log import FrameLog
from ai_chat.relay.upstream import AnswerSink, CompletionRequest, PromptMessage, Upstream, Usage


class CollectingSink:
    """An `AnswerSink` that keeps everything."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.usages: list[Usage] = []
        self.finishes: list[str] = []
        self.answer_id: str | None = None
        self.model: str | None = None

    def answered_by(self, answer_id: str | None, model: str | None) -> None:
        self.answer_id = answer_id or self.answer_id
        self.model = model or self.model

    def text(self, piece: str) -> None:
        self.texts.append(piece)

    def reasoning(self, piece: str) -> None:
        self.thoughts.append(piece)

    def usage(self, usage: Usage) -> None:
        self.usages.append(usage)

    def finish(self, reason: str) -> None:
        self.finishes.append(reason)

    @property
    def text_so_far(self) -> str:
        return "".join(self.texts)

    @property
    def reasoning_so_far(self) -> str:
        return "".join(self.thoughts)

    @property
    def last_usage(self) -> Usage | None:
        return self.usages[-1] if self.usages else None

    @property
    def finish_reason(self) -> str | None:
        return self.finishes[-1] if self.finishes else None


class ScriptedUpstream:
    """An `Upstream` that does what the test's coroutine does with the sink."""

    def __init__(self, answer: Callable[[AnswerSink], Awaitable[None]]) -> None:
        self._answer = answer
        self.asked: list[CompletionRequest] = []
        self.cancelled = False

    async def complete(self, request: CompletionRequest, sink: AnswerSink) -> None:
        self.asked.append(request)
        try:
            await self._answer(sink)
        except asyncio.CancelledError:
            self.cancelled = True
            raise


def saying(*pieces: str, finish: str | None = "stop", usage: Usage | None = None) -> ScriptedUpstream:
    """Says the pieces at once and ends well."""

    async def answer(sink: AnswerSink) -> None:
        for piece in pieces:
            sink.text(piece)
        if finish is not None:
            sink.finish(finish)
        if usage is not None:
            sink.usage(usage)

    return ScriptedUpstream(answer)


def saying_then_waiting(*pieces: str) -> ScriptedUpstream:
    """Says the pieces and never ends by itself."""

    async def answer(sink: AnswerSink) -> None:
        for piece in pieces:
            sink.text(piece)
        await asyncio.Event().wait()

    return ScriptedUpstream(answer)


def raising(problem: BaseException, *pieces: str) -> ScriptedUpstream:
    """Says the pieces and fails."""

    async def answer(sink: AnswerSink) -> None:
        for piece in pieces:
            sink.text(piece)
        raise problem

    return ScriptedUpstream(answer)


class MemoryStore:
    """A `GenerationStore` in memory. `failures` is how often each call fails before it works."""

    def __init__(self, *, finish_failures: float = 0, checkpoint_failures: float = 0, accepts: bool = True) -> None:
        self.endings: list[Ending] = []
        self.attempts = 0
        self.heartbeats: list[list[UUID]] = []
        self.snapshots: list[list[Snapshot]] = []
        self.finish_failures = finish_failures
        self.checkpoint_failures = checkpoint_failures
        self.accepts = accepts
        self.ended_elsewhere: set[UUID] = set()

    async def checkpoint(self, running: Sequence[UUID], snapshots: Sequence[Snapshot]) -> Collection[UUID]:
        self.heartbeats.append(list(running))
        self.snapshots.append(list(snapshots))
        if self.checkpoint_failures > 0:
            self.checkpoint_failures -= 1
            raise ConnectionError("the database is away")
        return self.ended_elsewhere.intersection(running)

    async def finish(self, ending: Ending) -> bool:
        self.attempts += 1
        await asyncio.sleep(0)
        if self.finish_failures > 0:
            self.finish_failures -= 1
            raise ConnectionError("the database is away")
        self.endings.append(ending)
        return self.accepts

    @property
    def ending(self) -> Ending:
        (only,) = self.endings
        return only


def plan_for(upstream: Upstream, *, prices: Prices | None = None, prompt_tokens: int = 7) -> GenerationPlan:
    return GenerationPlan(
        generation_id=new_id(),
        message_id=new_id(),
        user_message_id=new_id(),
        chat_id=new_id(),
        user_id=new_id(),
        model="openai/gpt-4o-mini",
        request=CompletionRequest(
            model="openai/gpt-4o-mini",
            messages=[PromptMessage("user", "Hello")],
            max_tokens=100,
            temperature=0.7,
            user="u",
            conversation="c",
        ),
        upstream=upstream,
        prompt_tokens=prompt_tokens,
        prices=prices,
    )


def bytes_of(log: FrameLog, after: int = 0) -> bytes:
    return b"".join(log.frames(after))


def events_of(log: FrameLog, after: int = 0) -> list[dict[str, Any]]:
    """The events after frame `after`; asserts that the frames are whole and numbered without a gap."""
    events = []
    for number, frame in enumerate(filter(None, bytes_of(log, after).split(b"\n\n")), start=after + 1):
        first, second = frame.split(b"\n")
        assert first == b"id: %d" % number
        events.append(json.loads(second.removeprefix(b"data: ")))
    return events


def text_of(log: FrameLog) -> str:
    return "".join(event["delta"] for event in events_of(log) if event["type"] == "delta")


async def until_closed(log: FrameLog) -> list[dict[str, Any]]:
    """Waits for the last frame; all events."""
    async with asyncio.timeout(10):
        while not log.closed:
            await log.grown(1)
    return events_of(log)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.002)
