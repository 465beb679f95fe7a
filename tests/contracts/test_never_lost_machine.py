"""Any order of sending, writing, stopping, failing, reading, changing the worker and killing workers: no reader meets a gap or
a repeat, what is stored is what was read, and the ledger balances.
"""

import asyncio
import tempfile
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.chats.models import Generation, Message
from ai_chat.features.chats.reaper import Reaper
from ai_chat.features.usage.models import UsageDay, UsageEntry
from ai_chat.features.usage.plans import DEFAULT_PLANS
from ai_chat.features.usage.service import Usage
from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.relay.events import fold_frames
from ai_chat.relay.generation import GenerationPlan
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import CompletionRequest, PromptMessage, UpstreamFailure
from ai_chat.signals.frame_streams import FrameSource, MemoryFrameStreams
from ai_chat.storage.database import Database
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import open_database
from tests.contracts.database_rows import stored
from tests.contracts.mortals import Answer, MortalStore, MortalStreams, Reader, Voice
from tests.contracts.records import chat, message, user

WORKERS = st.integers(0, 1)
PIECES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
SEVERAL = st.lists(PIECES, max_size=4)


class Worker:
    """A process: its relay, and what it shares with the others."""

    def __init__(self, world: "Machine") -> None:
        self.name = f"worker-{new_id().hex}"
        self.streams = MortalStreams(world.hub, world.members)
        self.store = MortalStore(world.database, world.usage, world.clock)
        self.relay = Relay(self.store, self.streams)

    async def start(self) -> None:
        await self.relay.run()


class Missing:
    """The reaper's `Presence`: knows who was killed."""

    def __init__(self, world: "Machine") -> None:
        self._world = world

    async def missing(self, workers: Collection[str]) -> Collection[str]:
        return set(workers) - {worker.name for worker in self._world.workers}

    async def run(self) -> None: ...


class Machine(RuleBasedStateMachine):
    """Two workers that share a database and a hub of logs, as through Redis."""

    answers = Bundle("answers")
    readers = Bundle("readers")
    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.hub: dict[UUID, FrameSource] = {}
        self.members: list[MemoryFrameStreams] = []
        self.usage = Usage(DEFAULT_PLANS, ZoneInfo("UTC"), self.clock)
        self.all: list[Answer] = []
        self.everybody: list[Reader] = []

    def clock(self) -> datetime:
        return datetime.now(UTC)

    @initialize()
    def open(self) -> None:
        async def prepare() -> None:
            self.database = await open_database(None, Path(self.folder.name))
            await migrate(self.database)
            self.person = user()
            await stored(self.database, self.person)
            self.workers = [Worker(self), Worker(self)]
            for worker in self.workers:
                await worker.start()

        self.runner.run(prepare())

    @rule(target=answers, where=WORKERS, pieces=SEVERAL)
    def send(self, where: int, pieces: list[str]) -> Answer:
        answer = self.runner.run(self._send(self.workers[where]))
        self.runner.run(self._write(answer, pieces))
        return answer

    async def _send(self, worker: Worker) -> Answer:
        place = chat(self.person.id)
        said = message(place.id, status="generating")
        plan = GenerationPlan(
            generation_id=new_id(),
            message_id=said.id,
            user_message_id=new_id(),
            chat_id=place.id,
            user_id=self.person.id,
            model="m",
            request=CompletionRequest("m", [PromptMessage("user", "?")], 1000, 0.7, "u", "c"),
            upstream=(voice := Voice()),
            prompt_tokens=1,
            prices=None,
        )
        await stored(self.database, place, said)

        def work(session: Session) -> None:
            self.usage.reserve_message(
                session,
                entry_id=plan.generation_id,
                user_id=self.person.id,
                plan=DEFAULT_PLANS["premium"],
                model="m",
                source="s",
            )
            session.add(
                Generation(
                    id=plan.generation_id, chat_id=place.id, user_id=self.person.id, message_id=said.id,
                    user_message_id=new_id(), status="running", worker=worker.name, heartbeat_at=self.clock(),
                    created_at=self.clock(),
                )
            )  # fmt: skip

        await self.database.write(work)
        worker.relay.start(plan)
        await asyncio.sleep(0)
        answer = Answer(plan, voice)
        self.all.append(answer)
        return answer

    @rule(answer=answers, pieces=SEVERAL)
    def write(self, answer: Answer, pieces: list[str]) -> None:
        self.runner.run(self._write(answer, pieces))

    async def _write(self, answer: Answer, pieces: list[str]) -> None:
        await asyncio.sleep(0)
        if answer.voice.sink is not None and not answer.voice.over.done():
            for piece in pieces:
                answer.voice.sink.text(piece)
        await asyncio.sleep(0.035)

    @rule(answer=answers, fault=st.booleans())
    def end(self, answer: Answer, fault: bool) -> None:
        async def over() -> None:
            if not answer.voice.over.done():
                problem = UpstreamFailure(ErrorCode.UPSTREAM_DISCONNECTED, "gone", retryable=True)
                answer.voice.over.set_exception(problem) if fault else answer.voice.over.set_result(None)
            await asyncio.sleep(0.01)

        self.runner.run(over())

    @rule(answer=answers, where=WORKERS)
    def stop(self, answer: Answer, where: int) -> None:
        self.runner.run(self.workers[where].relay.stop_anywhere(answer.plan.generation_id))

    @rule(target=readers, answer=answers)
    def come(self, answer: Answer) -> Reader:
        self.everybody.append(Reader(answer))
        return self.everybody[-1]

    @rule(reader=readers, where=WORKERS)
    def read(self, reader: Reader, where: int) -> None:
        """On this worker now, whichever it was before."""
        self.runner.run(self._read(reader, self.workers[where]))

    async def _read(self, reader: Reader, worker: Worker) -> FrameLog | None:
        log = await worker.relay.find_log(reader.answer.plan.generation_id)
        if log is not None:
            reader.take(log)
        return log

    @rule(where=WORKERS)
    def kill(self, where: int) -> None:
        self.runner.run(self._kill(where))

    async def _kill(self, where: int) -> None:
        dead = self.workers[where]
        dead.streams.dead = dead.store.dead = True
        self.members.remove(dead.streams)
        for generation_id in dead.relay.running:  # what it had shared stays, and does not grow any more
            log, rest = dead.relay.log_of(generation_id), FrameLog()
            assert log is not None
            if not log.closed:
                rest.extend(1, list(log.frames(0)), last=False)
                self.hub[generation_id] = rest
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            if task.get_name() in {f"generation-{one}" for one in dead.relay.running}:
                task.cancel()
        self.workers[where] = Worker(self)
        await self.workers[where].start()
        await asyncio.sleep(0.01)

    @rule(where=WORKERS)
    def reap(self, where: int) -> None:
        self.runner.run(self._reap(self.workers[where]))

    async def _reap(self, worker: Worker, on_the_way: float = 60) -> None:
        reaper = Reaper(
            self.database, worker.store, worker.relay, Missing(self), missed_after=-1, on_the_way=on_the_way
        )
        await reaper.end_dead()
        await reaper.end_dead()

    def teardown(self) -> None:
        async def close() -> None:
            try:
                await self._settle()
            finally:
                for worker in self.workers:
                    await worker.relay.drain(0)
                await self.database.close()

        if hasattr(self, "workers"):
            self.runner.run(close())
        self.runner.close()
        self.folder.cleanup()

    async def _settle(self) -> None:
        """Every answer comes to its end, every reader reads to it; then the books are looked at."""
        for answer in self.all:
            if not answer.voice.over.done():
                answer.voice.over.set_result(None)
        await self._reap(self.workers[0])
        async with asyncio.timeout(10):
            while any(len(worker.relay) for worker in self.workers):
                await asyncio.sleep(0.005)
        readers = [*self.everybody, *map(Reader, self.all)]
        for number, reader in enumerate(readers):
            await self._read(reader, self.workers[number % 2])
        for worker in self.workers:
            await self._reap(worker, on_the_way=-1)  # an end may have died with its worker, after it was stored
        for number, reader in enumerate(readers):
            log = await self._read(reader, self.workers[number % 2])
            assert log is None or log.closed
        rows, entries, days = await self.database.read(_books)
        for answer in self.all:
            content, status = rows[answer.plan.message_id]
            assert status in ("complete", "stopped", "failed", "interrupted")
            assert fold_frames(answer.frames)[0] == content
            counts = bool(content) or status == "stopped"
            assert entries[answer.plan.generation_id] == ("settled" if counts else "released")
        settled = list(entries.values()).count("settled")
        assert (sum(used for used, _ in days), sum(reserved for _, reserved in days)) == (settled, 0)


def _books(session: Session) -> tuple[dict[Any, Any], dict[Any, Any], list[tuple[int, int]]]:
    rows = {
        row.id: (row.content, row.status)
        for row in session.execute(select(Message.id, Message.content, Message.status))
    }
    entries = {row.id: row.state for row in session.execute(select(UsageEntry.id, UsageEntry.state))}
    days = [(row.used, row.reserved) for row in session.execute(select(UsageDay.used, UsageDay.reserved))]
    return rows, entries, days


TestNeverLost = Machine.TestCase
TestNeverLost.settings = settings(
    max_examples=max(20, settings.default.max_examples // 10) if settings.default is not None else 20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
