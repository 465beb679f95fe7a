"""Stand-ins for what can die: an upstream that says what a test lets it, workers whose writing ends with them, and readers
that notice a gap.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ai_chat.features.chats.generation_store import DatabaseGenerationStore
from ai_chat.kernel.tasks import cancel_all
from ai_chat.relay.generation import Ending, GenerationPlan, Snapshot
from ai_chat.relay.log import FrameLog
from ai_chat.relay.upstream import AnswerSink, CompletionRequest
from ai_chat.signals.frame_streams import FrameSource, MemoryFrameStreams
from ai_chat.signals.redis_streams import RedisFrameStreams


class Voice:
    """An upstream that says what the test lets it say."""

    def __init__(self) -> None:
        self.sink: AnswerSink | None = None
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def complete(self, request: CompletionRequest, sink: AnswerSink) -> None:
        self.sink = sink
        await self.over


class MortalStreams(MemoryFrameStreams):
    """What the dead write reaches nobody."""

    dead = False

    def __init__(self, hub: dict[UUID, FrameSource], members: list[MemoryFrameStreams]) -> None:
        super().__init__(hub, members)
        self._hub, self._others = hub, members

    def publish(self, key: UUID, source: FrameSource) -> None:
        if not self.dead:
            super().publish(key, source)

    async def die(self, running: Mapping[UUID, FrameLog]) -> None:
        self.dead = True
        self._others.remove(self)
        for key, log in running.items():  # what had been shared stays, and does not grow any more
            if not log.closed:
                rest = FrameLog()
                rest.extend(1, list(log.frames(0)), last=False)
                self._hub[key] = rest


class MortalRedisStreams(RedisFrameStreams):
    """The same through Redis. It dies when what was read has been shared, which takes a twentieth of a second."""

    dead = False
    _flushing = False
    _task: "asyncio.Task[None] | None" = None

    async def run(self, on_call: Callable[[UUID], None]) -> None:
        self._task = asyncio.create_task(super().run(on_call))

    def publish(self, key: UUID, source: FrameSource) -> None:
        if not self.dead:
            super().publish(key, source)

    async def _flush(self) -> None:
        if self.dead:
            return
        self._flushing = True
        try:
            await super()._flush()
        finally:
            self._flushing = False

    async def die(self, _running: Mapping[UUID, FrameLog]) -> None:
        while self._dirty or self._flushing:
            await asyncio.sleep(0.01)
        self.dead = True
        await self.close()

    async def close(self) -> None:
        if self._task is not None:
            await cancel_all([self._task])


class MortalStore(DatabaseGenerationStore):
    """What the dead store is not stored."""

    dead = False

    async def checkpoint(self, running: Sequence[UUID], snapshots: Sequence[Snapshot]) -> Collection[UUID]:
        return () if self.dead else await super().checkpoint(running, snapshots)

    async def finish(self, ending: Ending, *, unless_alive_since: datetime | None = None) -> bool:
        if self.dead:
            await asyncio.Event().wait()
        return await super().finish(ending, unless_alive_since=unless_alive_since)


class Answer:
    """An answer, its voice, and everything that anybody has read of it."""

    def __init__(self, plan: GenerationPlan, voice: Voice) -> None:
        self.plan = plan
        self.voice = voice
        self.frames: list[bytes] = []


class Reader:
    """What one reader has read, on whichever workers."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.frames: list[bytes] = []

    def take(self, log: FrameLog) -> None:
        self.frames += log.frames(len(self.frames))
        for number, frame in enumerate(self.frames, 1):
            assert frame.startswith(b"id: %d\n" % number), "a gap or a repeat"
        known = self.answer.frames
        common = min(len(known), len(self.frames))
        assert known[:common] == self.frames[:common], "two readers were told different things"
        if len(self.frames) > len(known):
            self.answer.frames = list(self.frames)
