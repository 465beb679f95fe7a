"""Any order of sending, writing, stopping, failing, reading, changing the worker and killing workers: no reader meets a gap or
a repeat, what is stored is what was read, and the ledger balances.
"""

import asyncio
import os
from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from ai_chat.features.chats.models import Generation
from ai_chat.features.chats.reaper import Reaper
from ai_chat.features.usage.plans import DEFAULT_PLANS
from ai_chat.features.usage.service import Usage
from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.relay.events import fold_frames
from ai_chat.relay.generation import GenerationPlan
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import CompletionRequest, PromptMessage, UpstreamFailure
from ai_chat.storage.database import Database
from tests.contracts.database_rows import stored
from tests.contracts.mortals import Answer, MortalRedisStreams, MortalStore, Reader, Voice
from tests.contracts.records import chat, message, user
from tests.contracts.stages import SharedStage, Stage, books
from tests.services.valkey import ValkeyServer

WORKERS = st.integers(0, 1)
PIECES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
SEVERAL = st.lists(PIECES, max_size=4)


class Worker:
    """A process: its relay, and what it shares with the others."""

    def __init__(self, world: "Machine") -> None:
        self.name = f"worker-{new_id().hex}"
        self.streams = world.stage.streams()
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
    """Two workers that share a database and their logs."""

    answers = Bundle("answers")
    readers = Bundle("readers")
    database: Database

    def __init__(self, stage: Stage | None = None) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stage = stage or Stage()
        self.usage = Usage(DEFAULT_PLANS, ZoneInfo("UTC"), self.clock)
        self.all: list[Answer] = []
        self.everybody: list[Reader] = []

    def clock(self) -> datetime:
        return datetime.now(UTC)

    @initialize()
    def open(self) -> None:
        async def prepare() -> None:
            self.database = await self.stage.open()
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
        dead.store.dead = True
        logs = {one: log for one in dead.relay.running if (log := dead.relay.log_of(one)) is not None}
        await dead.streams.die(logs)
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
                    if isinstance(worker.streams, MortalRedisStreams):
                        await worker.streams.close()
                await self.database.close()

        if hasattr(self, "workers"):
            self.runner.run(close())
        self.runner.close()
        self.stage.close()

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
            async with asyncio.timeout(10):
                while (log := await self._read(reader, self.workers[number % 2])) is not None and not log.closed:
                    await asyncio.sleep(0.01)  # on its way from the other worker
        rows, entries, days = await self.database.read(partial(books, self.person.id))
        for answer in self.all:
            content, status = rows[answer.plan.message_id]
            assert status in ("complete", "stopped", "failed", "interrupted")
            assert fold_frames(answer.frames)[0] == content
            counts = bool(content) or status == "stopped"
            assert entries[answer.plan.generation_id] == ("settled" if counts else "released")
        settled = list(entries.values()).count("settled")
        assert (sum(used for used, _ in days), sum(reserved for _, reserved in days)) == (settled, 0)


TestNeverLost = Machine.TestCase
TestNeverLost.settings = settings(
    max_examples=max(20, settings.default.max_examples // 10) if settings.default is not None else 20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


SHARED = settings(
    max_examples=300 if os.environ.get("SOAK") else 20,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.timeout(3600 if os.environ.get("SOAK") else 120)
@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_never_lost_with_postgresql_and_redis(database_url: str, valkey_server: ValkeyServer) -> None:
    class Shared(Machine):
        def __init__(self) -> None:
            super().__init__(SharedStage(database_url, valkey_server.url))

    run_state_machine_as_test(Shared, settings=SHARED)
