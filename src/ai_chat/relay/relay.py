"""Runs generations: starts, ticks, saves, stops, ends, drains.

start ─▶ upstream task writes pieces ─▶ tick makes frames ─▶ readers follow the log
                                      └▶ checkpoint saves the texts, all in one transaction a second
end (done, stopped, failed, interrupted) ─▶ `_end`: store, settle, last frame; exactly once
"""

import asyncio
import time
from collections.abc import Collection, Container
from functools import partial
from itertools import chain, repeat
from uuid import UUID

import structlog

from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay import measures
from ai_chat.relay.events import DeltaEvent, ErrorEvent, ReasoningEvent, StreamError, decode_frame, fold_frames
from ai_chat.relay.finished import FinishedLogs
from ai_chat.relay.generation import Abort, Ending, Failure, Generation, GenerationPlan
from ai_chat.relay.log import FrameLog
from ai_chat.relay.mirror import FrameStreams
from ai_chat.relay.observer import GenerationObserver, Nobody
from ai_chat.relay.store import GenerationStore
from ai_chat.relay.tick import Tick
from ai_chat.relay.upstream import UpstreamFailure
from ai_chat.signals.frame_streams import MemoryFrameStreams

CHECKPOINT_SECONDS = 1.0
"""A killed process loses at most this much text (the contract allows two seconds)."""
RETENTION_SECONDS = 600.0
"""How long a finished log can be replayed from memory (the contract asks for five minutes)."""
LONGEST_SECONDS = 1800.0
"""How long a generation may run, whatever its upstream still sends."""
_PATIENCE_SECONDS = 2.0
"""How long another worker, or what lies between, may take to answer."""
_INTERRUPTED = ErrorEvent(StreamError(ErrorCode.INTERRUPTED.value, ErrorCode.INTERRUPTED.sentence, retryable=True))
_SAVE_PAUSES = (0.1, 0.5, 2.0, 5.0)
_SAVING_SECONDS = 15.0
"""At shutdown: how long the database may take to save what is broken off."""

log = structlog.get_logger()


class Relay:
    """All generations of this process."""

    def __init__(
        self,
        store: GenerationStore,
        streams: FrameStreams | None = None,
        *,
        observer: GenerationObserver | None = None,
        tick: Tick | None = None,
        retention: float = RETENTION_SECONDS,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self._store = store
        self._streams = streams or MemoryFrameStreams()
        self._observer = observer or Nobody()
        self._running: dict[UUID, Generation] = {}
        self._retention = retention
        self._longest = longest
        self._finished = FinishedLogs(retention)
        """All that stays of a generation after its end."""
        self._replicas: dict[UUID, tuple[FrameLog, asyncio.TimerHandle]] = {}
        """Logs that another worker is writing and somebody reads here, and when they are given up."""
        self._finding: dict[UUID, asyncio.Task[FrameLog | None]] = {}
        """Two readers at once share one replica."""
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._tick = tick or Tick()
        self._checkpoints: asyncio.Task[None] | None = None
        self._draining = False

    def __len__(self) -> int:
        """Running generations."""
        return len(self._tasks)

    @property
    def running(self) -> list[UUID]:
        return list(self._tasks)

    @property
    def accepting(self) -> bool:
        """Whether messages may still be accepted; whoever accepts one asks before."""
        return not self._draining

    def start(self, plan: GenerationPlan) -> FrameLog:
        """Runs the plan and returns its log at once. The generation belongs to the relay, not to the caller. What was accepted
        when draining began is still begun: it is stored, and is to be ended here like the others.
        """
        generation = Generation(plan, self._tick.make_frame)
        self._running[plan.generation_id] = generation
        if plan.chat_id is not None:  # else nobody but the caller reads it
            generation.log.on_growth = partial(self._streams.publish, plan.generation_id, generation.log)
            generation.log.on_growth()
        task = asyncio.create_task(self._run(generation), name=f"generation-{plan.generation_id}")
        self._tasks[plan.generation_id] = task
        task.add_done_callback(partial(self._ended, plan.generation_id))
        if self._checkpoints is None:
            self._checkpoints = asyncio.create_task(self._save_regularly(), name="checkpoints")
        measures.ACTIVE.set(len(self._tasks))
        self._observer.started(plan)
        return generation.log

    def log_of(self, generation_id: UUID) -> FrameLog | None:
        """The log of a generation that runs here or ended here lately."""
        generation = self._running.get(generation_id)
        return generation.log if generation else self._finished.get(generation_id)

    async def find_log(self, generation_id: UUID) -> FrameLog | None:
        """The log of a generation that runs or ended lately, here or on another worker."""
        own = self.log_of(generation_id)
        if own is not None:
            return own
        if generation_id in self._replicas:
            return self._replicas[generation_id][0]
        finding = self._finding.get(generation_id)
        if finding is None:
            finding = asyncio.create_task(self._follow(generation_id), name=f"finding-{generation_id}")
            self._finding[generation_id] = finding
            finding.add_done_callback(lambda _: self._finding.pop(generation_id))
        return await asyncio.shield(finding)  # one reader leaving must not end it for the others

    def stop(self, generation_id: UUID) -> bool:
        """Ends a generation that runs here on its person's behalf; what was written is kept. False where none does."""
        return self._abort(generation_id, "stopped")

    def stop_all_of(self, user_ids: Container[UUID]) -> None:
        """Ends what runs here for these users."""
        for generation_id, generation in list(self._running.items()):
            if generation.plan.user_id in user_ids:
                self.stop(generation_id)

    async def stop_anywhere(self, generation_id: UUID) -> bool:
        """Ends a running generation wherever it runs."""
        if self.log_of(generation_id) is not None:
            return self.stop(generation_id)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._streams.call(generation_id)
        except Exception:
            log.exception("another worker cannot be told to stop", generation=str(generation_id))
            return False
        return True

    async def run(self) -> None:
        """Shares logs and calls with other workers; a task of the application's."""

        def stop_if_here(generation_id: UUID) -> None:
            self.stop(generation_id)

        await self._streams.run(stop_if_here)

    async def recover(self, generation_id: UUID) -> tuple[str, str]:
        """The text and the reasoning that a dead worker had shared, which may be more than it had saved."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return fold_frames(await self._streams.recover(generation_id))
        except Exception:
            log.exception("a dead worker's frames cannot be read", generation=str(generation_id))
            return "", ""

    async def announce(self, ending: Ending) -> None:
        """Tells the readers of a dead worker's generation how it ended."""
        measures.count_end(ending)
        self._observer.ended(ending)
        rest = FrameLog()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                rest.extend(1, await self._streams.recover(ending.generation_id), last=False)
        except Exception:
            log.exception("the readers of a dead worker cannot be told", generation=str(ending.generation_id))
        if len(rest):
            rest.append(ending.event(), last=True)
            self._streams.publish(ending.generation_id, rest)

    @property
    def followed(self) -> Collection[UUID]:
        """The generations of other workers that are read here."""
        return self._replicas.keys()

    def complete(self, generation_id: UUID, stored: FrameLog) -> None:
        """Gives a replica the end that was lost on the way, and the text that is missing, from the answer as it is stored."""
        replica, _ = self._replicas.get(generation_id, (None, None))
        if replica is None:
            return
        self._streams.unfollow(generation_id)
        (text, reasoning), frames = fold_frames(replica.frames(0)), stored.frames(0)
        whole_text, whole_reasoning = fold_frames(frames)
        if whole_reasoning.startswith(reasoning) and len(whole_reasoning) > len(reasoning):
            replica.append(ReasoningEvent(whole_reasoning[len(reasoning) :]))
        if whole_text.startswith(text) and len(whole_text) > len(text):
            replica.append(DeltaEvent(whole_text[len(text) :]))
        replica.append(decode_frame(frames[-1]), last=True)

    async def drain(self, grace: float) -> None:
        """Takes no new generations, gives the running ones `grace` seconds, then saves the rest as interrupted."""
        self._draining = True
        tasks = set(self._tasks.values())
        if tasks:
            log.info("waiting for running answers", count=len(tasks), seconds=grace)
            _, tasks = await asyncio.wait(tasks, timeout=grace)
        for generation_id in list(self._tasks):
            self._abort(generation_id, "interrupted")
        if self._tasks:
            _, unsaved = await asyncio.wait(self._tasks.values(), timeout=_SAVING_SECONDS)
            for task in unsaved:
                task.cancel()
            if unsaved:
                await asyncio.wait(unsaved)
                log.error("answers could not be saved; their last checkpoints stay", count=len(unsaved))
        if self._checkpoints is not None:
            self._checkpoints.cancel()
            self._checkpoints = None

    # Texts are saved as they grow

    async def _save_regularly(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            if not self._tasks:
                continue
            running = list(self._running.values())
            growing = [generation for generation in running if generation.unsaved]
            snapshots = [generation.snapshot() for generation in growing]
            began = time.monotonic()
            try:
                ended = await self._store.checkpoint([one.plan.generation_id for one in running], snapshots)
                for generation, snapshot in zip(growing, snapshots, strict=True):
                    generation.saved(snapshot)
                for generation_id in ended:
                    if self._abort(generation_id, "interrupted"):
                        log.warning("an answer was ended elsewhere and is broken off", generation=str(generation_id))
                measures.CHECKPOINT.observe(time.monotonic() - began)
            except Exception:
                measures.CHECKPOINT_FAILURES.add(1)
                log.exception("checkpoint failed", generations=len(running))
                for generation in running:
                    generation.unsaved = True

    # The one way through a generation's life

    async def _run(self, generation: Generation) -> None:
        plan = generation.plan
        structlog.contextvars.bind_contextvars(generation=str(plan.generation_id))  # in whatever is logged from here on
        upstream = asyncio.create_task(plan.upstream.complete(plan.request, generation))
        generation.upstream_task = upstream
        if generation.abort is not None:  # stopped before it could begin
            upstream.cancel()
        await asyncio.wait({upstream}, timeout=self._longest)
        if not upstream.done():
            generation.break_off("too late")
            await asyncio.wait({upstream})
        await self._end(generation, _judge(generation, upstream))

    async def _end(self, generation: Generation, ending: Ending) -> None:
        generation.flush()
        for pause in chain(_SAVE_PAUSES, repeat(_SAVE_PAUSES[-1])):
            try:
                if not await self._store.finish(ending):
                    ending = generation.ending("interrupted", _failure(ErrorCode.INTERRUPTED, retryable=True))
                break
            except Exception as problem:
                # The whole text is here and nowhere else: however long the database is away, it is not given up.
                log.error(
                    "an ended answer could not be saved yet",
                    generation=str(ending.generation_id),
                    retry_in=pause,
                    exc_info=problem if pause == _SAVE_PAUSES[0] else None,
                    reason=repr(problem),
                )
                await asyncio.sleep(pause)
        generation.log.append(ending.event(), last=True)
        measures.count_end(ending, generation.started_at, generation.first_at)
        self._observer.ended(ending)

    def _ended(self, generation_id: UUID, _: asyncio.Task[None]) -> None:
        del self._tasks[generation_id]
        measures.ACTIVE.set(len(self._tasks))
        ended = self._running.pop(generation_id)
        if not ended.log.closed:  # broken off from outside: its readers must end all the same
            if ended.upstream_task is not None:
                ended.upstream_task.cancel()
            ended.log.append(_INTERRUPTED, last=True)
        ended.log.on_growth = None
        if ended.plan.chat_id is not None:
            self._finished.keep(generation_id, ended.log)

    # Copies of what other workers write

    async def _follow(self, generation_id: UUID) -> FrameLog | None:
        replica = FrameLog()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                if not await self._streams.follow(generation_id, replica.extend):
                    return None
        except Exception:
            log.exception("another worker's answer cannot be followed", generation=str(generation_id))
            return None
        if replica.closed:
            self._finished.keep(generation_id, replica)
            return replica
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._longest + self._retention, self._give_up, generation_id)
        self._replicas[generation_id] = replica, timer
        replica.on_growth = partial(self._replica_grew, generation_id, replica)
        return replica

    def _replica_grew(self, generation_id: UUID, replica: FrameLog) -> None:
        if replica.closed:
            replica.on_growth = None
            self._replicas.pop(generation_id)[1].cancel()
            self._finished.keep(generation_id, replica)

    def _give_up(self, generation_id: UUID) -> None:
        """Nothing runs so long: its end was lost on the way, and its readers are told so."""
        self._streams.unfollow(generation_id)
        replica, _ = self._replicas[generation_id]
        replica.append(_INTERRUPTED, last=True)

    def _abort(self, generation_id: UUID, by: Abort) -> bool:
        generation = self._running.get(generation_id)
        return generation is not None and generation.break_off(by)


def _judge(generation: Generation, upstream: asyncio.Task[None]) -> Ending:
    """How it ended: by its person, by our shutdown, by the provider's failure, or well."""
    where = {"generation": str(generation.plan.generation_id), "model": generation.plan.request.model}
    problem = None if upstream.cancelled() else upstream.exception()
    if generation.abort == "stopped":
        return generation.ending("stopped")
    if generation.abort == "too late":
        problem = UpstreamFailure(ErrorCode.UPSTREAM_TIMEOUT, "no end after the longest time", retryable=True)
    elif generation.abort == "too long":
        log.warning("upstream wrote far more than it was asked for and was broken off", **where)
        generation.finish("length")
        problem = None
    elif upstream.cancelled() or (generation.abort is not None and problem is not None):
        return generation.ending("interrupted", _failure(ErrorCode.INTERRUPTED, retryable=True))
    if isinstance(problem, UpstreamFailure):
        log.warning("upstream failed", code=problem.code.value, detail=problem.detail, **where)
        return generation.ending("failed", Failure(problem.code, problem.message, problem.retryable))
    if problem is not None:
        log.error("answering failed", exc_info=problem, **where)
        return generation.ending("failed", _failure(ErrorCode.INTERNAL_ERROR, retryable=True))
    ending = generation.ending("complete")
    if not ending.text:
        log.warning("upstream gave an empty answer", finish_reason=ending.finish_reason, **where)
        return generation.ending("failed", _failure(_why_empty(ending), retryable=True))
    return ending


def _why_empty(ending: Ending) -> ErrorCode:
    if ending.finish_reason == "content_filter":
        return ErrorCode.UPSTREAM_MODERATED
    only_thought = ending.finish_reason == "length" and ending.completion_tokens > 0
    return ErrorCode.UPSTREAM_ONLY_REASONING if only_thought else ErrorCode.UPSTREAM_EMPTY


def _failure(code: ErrorCode, *, retryable: bool) -> Failure:
    return Failure(code, code.sentence, retryable)
