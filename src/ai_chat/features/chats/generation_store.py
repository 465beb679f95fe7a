"""Where the relay's generations are kept: checkpoints and endings."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CompilerElement

from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.usage.service import Settlement, Spent, Usage
from ai_chat.features.usage.settling_later import Charge
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.tokens import estimate_from_samples
from ai_chat.relay.generation import Ending, Grown, Snapshot
from ai_chat.storage.batches import Batches
from ai_chat.storage.database import Database
from ai_chat.storage.statements import Spelling, Statement

_messages = cast(Table, Message.__table__)
_generations = cast(Table, Generation.__table__)
_chats = cast(Table, Chat.__table__)

_ALIVE = Statement(
    lambda spelling: (
        update(_generations)
        .where(spelling.among(_generations.c.id, "running"), _generations.c.status == "running")
        .values(heartbeat_at=bindparam("now"))
    )
)
_STILL_RUNNING = Statement(
    lambda spelling: select(_generations.c.id).where(
        spelling.among(_generations.c.id, "running"), _generations.c.status == "running"
    )
)


def _save_growth(column: ColumnElement[str], spelling: Spelling) -> CompilerElement:
    """Puts what has come behind what was there before it: to do it again changes nothing."""
    message_id, start, text = spelling.growths("growths")
    before = func.substr(func.coalesce(column, ""), 1, start, type_=Text())
    return (
        update(_messages)
        .where(_messages.c.id == message_id, _messages.c.status == "generating")
        .values({column: before.concat(text)})
    )


_SAVE_TEXTS = Statement(partial(_save_growth, _messages.c.content))
_SAVE_THOUGHTS = Statement(partial(_save_growth, _messages.c.reasoning))
_SAVE_PROGRESS = Statement(
    update(_generations)
    .where(_generations.c.id == bindparam("generation"), _generations.c.status == "running")
    .values(shown_characters=bindparam("characters"))
)
_SAVE_ANSWER_ID = Statement(
    update(_generations)
    .where(_generations.c.id == bindparam("generation"), _generations.c.status == "running")
    .values(answer_id=bindparam("answer"))
)
_CORRECT_COST = (
    update(_messages)
    .where(
        _messages.c.id.in_(select(_generations.c.message_id).where(_generations.c.id == bindparam("generation"))),
        _messages.c.status != "generating",
    )
    .values(cost_usd=bindparam("cost"), tokens_used=bindparam("tokens"))
)
_TOUCH_CHAT = Statement(update(_chats).where(_chats.c.id == bindparam("chat")).values(updated_at=bindparam("now")))
_END = Statement(
    lambda spelling: (
        update(_generations)
        .where(spelling.among(_generations.c.id, "ending"), _generations.c.status == "running")
        .values(status="ended", ended_at=bindparam("now"))
        .returning(_generations.c.id)
    )
)
_END_SILENT = Statement(
    update(_generations)
    .where(
        _generations.c.id == bindparam("generation"),
        _generations.c.status == "running",
        _generations.c.heartbeat_at == bindparam("beat"),
    )
    .values(status="ended", ended_at=bindparam("now"))
)
_SAVING = (
    update(_messages)
    .where(_messages.c.id == bindparam("message"))
    .values(
        content=bindparam("text"),
        reasoning=bindparam("thoughts"),
        status=bindparam("ended_as"),
        finish_reason=bindparam("reason"),
        error_code=bindparam("error"),
        tokens_used=bindparam("tokens"),
        size_tokens=bindparam("size"),
        cost_usd=bindparam("cost"),
        metadata=bindparam("extra"),
    )
)
_SAVE_END = Statement(_SAVING)
_SAVE_END_LATE = Statement(_SAVING.where(_messages.c.status == "interrupted"))


_TOGETHER = 128
"""A statement's texts are in memory several times over."""


class DatabaseGenerationStore:
    """Implements the relay's `GenerationStore` on the chats' tables and the usage ledger.

    Rows are always locked in this order, here and wherever chats are changed: chats, generations, messages, usage. Two
    transactions that each hold what the other wants would otherwise meet sooner or later. Where a transaction locks several
    rows of a table it does so in the order of their ids, or is the only one of this process that does (`_many`).
    """

    def __init__(self, database: Database, usage: Usage, clock: Clock) -> None:
        self._database = database
        self._usage = usage
        self._clock = clock
        self._endings = Batches(self._finish_together)
        self._many = asyncio.Lock()

    async def checkpoint(self, running: Sequence[UUID], snapshots: Sequence[Snapshot]) -> Collection[UUID]:
        texts = [(shot.message_id, shot.text) for shot in snapshots if shot.message_id is not None]
        thoughts = [(shot.message_id, shot.reasoning) for shot in snapshots if shot.message_id is not None]
        progress = [
            {"generation": shot.generation_id, "characters": shot.text.end + shot.reasoning.end}
            for shot in snapshots
            if shot.message_id is None
        ]
        known = [{"generation": shot.generation_id, "answer": shot.answer_id} for shot in snapshots if shot.answer_id]

        def work(session: Session) -> Collection[UUID]:
            alive = _ALIVE.run(session, {"running": running, "now": self._clock()})
            if progress:
                _SAVE_PROGRESS.run_each(session, progress)
            for growths in _together(texts):
                _SAVE_TEXTS.run(session, {"growths": growths})
            for growths in _together(thoughts):
                _SAVE_THOUGHTS.run(session, {"growths": growths})
            if known:
                _SAVE_ANSWER_ID.run_each(session, known)
            if alive == len(running):
                return ()
            return set(running) - {row.id for row in _STILL_RUNNING.rows(session, {"running": running})}

        async with self._many:
            return await self._database.write(work)

    async def finish(self, ending: Ending, *, unless_alive_since: datetime | None = None) -> bool:
        """As the port says. The reaper names the last sign of life it knows: it must not end what has given another."""
        end = _End(ending, estimate_from_samples(ending.text), unless_alive_since)
        if unless_alive_since is None:
            return await self._endings.do(end)
        return await self._database.write(lambda session: self._finish_silent(session, end))

    async def _finish_together(self, ends: "Sequence[_End]") -> Sequence[bool]:
        async with self._many:
            return await self._database.write(lambda session: self._finish(session, ends), brief=True)

    def _finish_silent(self, session: Session, end: "_End") -> bool:
        ending, now = end.ending, self._clock()
        self._touch_chats(session, [ending], now)
        which = {"generation": ending.generation_id, "now": now, "beat": end.last_beat}
        if _END_SILENT.run(session, which) == 0:
            return False  # its process lives, or has ended it by now
        self._store(session, [end], {ending.generation_id})
        return True

    def _finish(self, session: Session, ends: "Sequence[_End]") -> Sequence[bool]:
        """The one way generations end in the database, whoever ends them. False where there is nothing to end any more."""
        now, endings = self._clock(), [end.ending for end in ends]
        self._touch_chats(session, endings, now)
        ending_now = {"ending": [ending.generation_id for ending in endings], "now": now}
        ended = {row.id for row in _END.rows(session, ending_now)}
        late = self._store(session, ends, ended)
        return [ending.generation_id in ended or ending.generation_id in late for ending in endings]

    def _touch_chats(self, session: Session, endings: Sequence[Ending], now: datetime) -> None:
        chats = sorted({ending.chat_id for ending in endings if ending.chat_id is not None})
        if chats:
            _TOUCH_CHAT.run_each(session, [{"chat": chat_id, "now": now} for chat_id in chats])

    def _store(self, session: Session, ends: "Sequence[_End]", ended: Collection[UUID]) -> Collection[UUID]:
        """Stores texts and what they cost. Returns what had been `ended` before and is corrected: a process that was only
        slow has more of its answer than whoever took it for dead, and what it says last is kept.
        """
        kept = sorted((end for end in ends if end.ending.message_id is not None), key=_message_of)
        saving = [end.columns() for end in kept if end.ending.generation_id in ended]
        if saving:
            _SAVE_END.run_each(session, saving)
        corrected = {
            end.ending.generation_id
            for end in kept
            if end.ending.generation_id not in ended and _SAVE_END_LATE.run(session, end.columns()) == 1
        }
        # Settled in any case: its chat may have been deleted meanwhile, and the ledger must be right all the same.
        self._usage.settle_all(session, {end.ending.generation_id: _settlement(end.ending) for end in ends})
        return corrected

    def correct_cost(self, session: Session, generation_id: UUID, charge: Charge) -> None:
        """The provider has said later what the answer cost."""
        tokens = charge.prompt_tokens + charge.completion_tokens
        session.connection().execute(
            _CORRECT_COST, {"generation": generation_id, "cost": charge.cost_usd, "tokens": tokens}
        )


@dataclass(frozen=True, slots=True)
class _End:
    """An end that is to be stored."""

    ending: Ending
    size: int
    """Our estimate of the text."""
    last_beat: datetime | None

    def columns(self) -> dict[str, object]:
        ending = self.ending
        return {
            "message": ending.message_id,
            "text": ending.text,
            "thoughts": ending.reasoning or None,
            "ended_as": ending.status,
            "reason": ending.finish_reason[:50],
            "error": ending.failure.code.value if ending.failure else None,
            "tokens": ending.tokens_used,
            "size": self.size,
            "cost": ending.cost_usd,
            "extra": _extra(ending),
        }


def _together(texts: "Sequence[tuple[UUID, Grown]]") -> "Iterator[dict[UUID, tuple[int, str]]]":
    """Those that have grown, in parts of a size that one statement may have."""
    grown = [(message_id, (text.start, text.text)) for message_id, text in texts if text.text]
    for first in range(0, len(grown), _TOGETHER):
        yield dict(grown[first : first + _TOGETHER])


def _message_of(end: _End) -> UUID:
    assert end.ending.message_id is not None
    return end.ending.message_id


def _settlement(ending: Ending) -> Settlement:
    spent = Spent(ending.prompt_tokens, ending.completion_tokens, ending.cost_usd, ending.estimated, ending.answer_id)
    return Settlement(spent, ending.gives_back)


def _extra(ending: Ending) -> dict[str, object] | None:
    """What is worth keeping of an end and has no column."""
    extra: dict[str, object] = {}
    if ending.estimated:
        extra["estimated"] = True
    if ending.served_by is not None:
        extra["servedBy"] = ending.served_by
    if ending.reasoning_seconds is not None:
        extra["reasoningSeconds"] = round(ending.reasoning_seconds, 1)
    return extra or None
