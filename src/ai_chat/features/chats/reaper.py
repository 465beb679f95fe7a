"""Ends what dead processes left: no message stays "generating" for ever, no reservation stays open.

A living process says once a second that its generations live (the checkpoint). Whoever notices that one is silent ends it,
once, through the same function as every other end.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ai_chat.features.chats.generation_store import DatabaseGenerationStore
from ai_chat.features.chats.models import Generation, Message
from ai_chat.features.chats.queries import newest_of_branch
from ai_chat.features.chats.replay import replay
from ai_chat.features.usage.models import UsageEntry
from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.tokens import MESSAGE_OVERHEAD, estimate_tokens
from ai_chat.relay.events import ErrorEvent, StreamError
from ai_chat.relay.generation import Ending, Failure
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from ai_chat.storage.database import Database

DEAD_AFTER = 8.0
"""Seconds; eight signs of life missed: longer than a database may take under load, short enough for a person who waits."""
SIGN_OF_LIFE_SECONDS = 3.0
LOOK_SECONDS = 1.0
MISSED_AFTER = 2.5
"""Seconds of silence in the database after which a worker counts as dead that is missed elsewhere as well, twice in a row."""

_CHARACTERS_A_TOKEN = 4
"""Roughly, where only the length of a text is known."""

_USUAL_PROMPT = 16_000
"""Tokens. How much the dead process had sent nobody knows any more; it is estimated as if the context had had so much room."""

CostOf = Callable[[str, str, int, int], Decimal | None]
"""What so many tokens of prompt and answer cost at this model of this source; None where nobody knows."""

Found = Row[UUID, UUID | None, UUID, UUID, str, str | None, int, str | None, UUID | None]

log = structlog.get_logger()


_AT_ONCE = 8
"""A dead worker may leave hundreds, and their readers wait; the database has others to serve."""
ON_THE_WAY = 4.0
"""Seconds that the last frames may take from another worker."""


class Presence(Protocol):
    """Who lives, told apart from the database: a slow one must not make anybody look dead."""

    async def missing(self, workers: Collection[str]) -> Collection[str]:
        """Those of the workers that are gone for sure; where nobody can say, none."""

    async def run(self) -> None:
        """Shows that this worker lives; a task of the application's."""


class Reaper:
    """Looks for generations without a living process. Any number of workers may look at the same time."""

    def __init__(
        self,
        database: Database,
        store: DatabaseGenerationStore,
        relay: Relay,
        presence: Presence | None = None,
        cost_of: CostOf = lambda *_: None,
        *,
        missed_after: float = MISSED_AFTER,
        on_the_way: float = ON_THE_WAY,
    ) -> None:
        self._database = database
        self._store = store
        self._relay = relay
        self._presence = presence
        self._cost_of = cost_of
        self._missed_after = missed_after
        self._on_the_way = on_the_way
        self._ended: dict[UUID, float] = {}
        """Answers that are read here and have ended elsewhere, and since when that is known."""
        self._missed: Collection[str] = ()
        """Workers that were missing at the last look."""
        self._seen: dict[UUID, tuple[datetime, float]] = {}
        """The last sign of life of each generation of others, and since when by our own watch it stands."""

    async def run(self) -> None:
        """Looks for ever; a task of the application's."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.end_dead()
            except Exception:
                log.exception("looking for dead generations failed")

    async def end_dead(self) -> int:
        """Ends generations whose sign of life has not changed for a while by our own watch; clocks of other machines are
        not compared with ours. Returns how many.
        """
        found = await self._database.read(_signs_of_life)
        beats = _beats(found)
        now, own = time.monotonic(), set(self._relay.running)
        seen = {
            one: self._seen[one] if self._seen.get(one, (None, 0.0))[0] == beat else (beat, now)
            for one, beat in beats.items()
            if one not in own
        }
        self._seen = seen
        await self._complete_replicas(found, now)
        silent = {generation_id: now - since for generation_id, (_, since) in seen.items()}
        gone = await self._gone({found[one][1] for one, seconds in silent.items() if seconds > self._missed_after})
        dead = [one for one, seconds in silent.items() if seconds > DEAD_AFTER or found[one][1] in gone]
        return await self._end_all({one: beats[one] for one in dead if silent[one] > self._missed_after})

    async def _complete_replicas(self, running: Collection[UUID], now: float) -> None:
        """What is read here of another worker's answer has an end that may be lost on the way: with its worker and Redis at
        the same time. It is then read from where it is stored.
        """
        self._ended = {one: self._ended.get(one, now) for one in self._relay.followed if one not in running}
        for generation_id, since in self._ended.items():
            if now - since > self._on_the_way:
                stored = await self._database.read(partial(_stored, generation_id))
                if stored is not None:
                    log.warning("the end of another worker's answer did not come", generation=str(generation_id))
                    self._relay.complete(generation_id, stored)

    async def _gone(self, workers: Collection[str]) -> Collection[str]:
        """Those that are missing now and were missing at the last look: a Redis that came back empty misses everybody for
        a moment.
        """
        missing = await self._presence.missing(workers) if self._presence is not None and workers else ()
        gone = set(missing).intersection(self._missed)
        self._missed = missing
        return gone

    async def end_leftovers(self, *, alone: bool) -> int:
        """At start, before anybody is served. `alone` says that no other process serves this database, so that whatever
        runs is left over; otherwise those count as dead whose generations give no sign of life for a while.
        """
        before = _beats(await self._database.read(_signs_of_life))
        if before and not alone:
            await asyncio.sleep(SIGN_OF_LIFE_SECONDS)
            after = _beats(await self._database.read(_signs_of_life))
            before = {found: beat for found, beat in before.items() if after.get(found) == beat}
        return await self._end_all(before)

    async def _end_all(self, beats: Mapping[UUID, datetime]) -> int:
        ended, waiting = 0, list(beats)
        while waiting:
            several, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
            ended += sum(
                await asyncio.gather(*(self._end(generation_id, beats[generation_id]) for generation_id in several))
            )
        if ended:
            log.warning("answers of a dead process were ended", count=ended)
        return ended

    async def _end(self, generation_id: UUID, beat: datetime) -> bool:
        ending = await self._ending_of(generation_id)
        if ending is None or not await self._store.finish(ending, unless_alive_since=beat):
            return False
        await self._relay.announce(ending)
        return True

    async def _ending_of(self, generation_id: UUID) -> Ending | None:
        """The end of a generation with all of its text that can be found: what was saved, or what was shared since."""
        query = (
            select(Generation.id, Generation.chat_id, Generation.user_id, Message.id.label("message_id"),
                   Message.content, Message.reasoning, Generation.shown_characters, Generation.answer_id,
                   Message.parent_id)
            .outerjoin(Message, Message.id == Generation.message_id)
            .where(Generation.id == generation_id, Generation.status == "running")
        )  # fmt: skip

        def work(session: Session) -> tuple[Found | None, int, UsageEntry | None]:
            row = session.execute(query).one_or_none()
            asked = newest_of_branch(session, row.parent_id, _USUAL_PROMPT) if row is not None else ()
            prompt = sum(message.size_tokens + MESSAGE_OVERHEAD for message in asked)
            return row, prompt, session.get(UsageEntry, generation_id)

        row, prompt, entry = await self._database.read(work)
        if row is None:
            return None
        text, reasoning = "", ""
        if row.message_id is not None:
            text, reasoning = await self._relay.recover(generation_id)
            text, reasoning = max(text, row.content, key=len), max(reasoning, row.reasoning or "", key=len)
        ending = _interrupted(row, text, reasoning, prompt)
        if not ending.tokens_used or entry is None:
            return ending
        cost = self._cost_of(entry.model, entry.source, ending.prompt_tokens, ending.completion_tokens)
        return replace(ending, cost_usd=cost)


def _signs_of_life(session: Session) -> dict[UUID, tuple[datetime, str]]:
    """The last sign of life of every running generation, and the worker that owes the next."""
    query = select(Generation.id, Generation.heartbeat_at, Generation.worker).where(Generation.status == "running")
    return {row.id: (row.heartbeat_at, row.worker) for row in session.execute(query).all()}


def _stored(generation_id: UUID, session: Session) -> FrameLog | None:
    """The answer as it is stored, or only its end where it was deleted."""
    if session.get(Generation, generation_id) is not None:
        return replay(session, generation_id)
    code, only_end = ErrorCode.INTERRUPTED, FrameLog()
    only_end.append(ErrorEvent(StreamError(code.value, code.sentence, retryable=True)), last=True)
    return only_end


def _beats(found: Mapping[UUID, tuple[datetime, str]]) -> dict[UUID, datetime]:
    return {generation_id: beat for generation_id, (beat, _) in found.items()}


def _interrupted(row: Found, text: str, reasoning: str, prompt: int) -> Ending:
    code = ErrorCode.INTERRUPTED
    shown = -(-row.shown_characters // _CHARACTERS_A_TOKEN)
    tokens = estimate_tokens(text) + estimate_tokens(reasoning) + shown
    prompt = prompt if tokens else 0
    return Ending(
        generation_id=row.id,
        message_id=row.message_id,
        chat_id=row.chat_id,
        user_id=row.user_id,
        status="interrupted",
        text=text,
        reasoning=reasoning,
        finish_reason="interrupted",
        failure=Failure(code, code.sentence, retryable=True),
        prompt_tokens=prompt,
        completion_tokens=tokens,
        tokens_used=prompt + tokens,
        cost_usd=None if tokens else Decimal(0),
        estimated=True,
        handed_over=shown > 0,
        answer_id=row.answer_id,
    )
