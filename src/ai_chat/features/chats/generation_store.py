"""Where the relay's generations are kept: checkpoints, endings, and the reaper that ends what a dead process left."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy import Row, Select, Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.usage.service import Spent, Usage
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.tokens import estimate_tokens
from ai_chat.relay.generation import Ending, Failure, Snapshot
from ai_chat.storage.database import Database

DEAD_AFTER = timedelta(seconds=10)
"""A living process says so every second; one silent for this long is dead."""
SIGN_OF_LIFE_SECONDS = 3.0

_messages = cast(Table, Message.__table__)
_generations = cast(Table, Generation.__table__)
_chats = cast(Table, Chat.__table__)

_SAVE_TEXT = (
    update(_messages)
    .where(_messages.c.id == bindparam("message"), _messages.c.status == "generating")
    .values(content=bindparam("text"), reasoning=bindparam("thoughts"))
)

log = structlog.get_logger()


class DatabaseGenerationStore:
    """Implements the relay's `GenerationStore` on the chats' tables and the usage ledger.

    Rows are always locked in this order, here and wherever chats are changed: chats, generations, messages, usage. Two
    transactions that each hold what the other wants would otherwise meet sooner or later.
    """

    def __init__(self, database: Database, usage: Usage, clock: Clock) -> None:
        self._database = database
        self._usage = usage
        self._clock = clock

    async def checkpoint(self, running: Sequence[UUID], snapshots: Sequence[Snapshot]) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(_generations)
                .where(_generations.c.id.in_(running), _generations.c.status == "running")
                .values(heartbeat_at=self._clock())
            )
            if snapshots:
                connection = await session.connection()
                await connection.execute(
                    _SAVE_TEXT,
                    [
                        {"message": shot.message_id, "text": shot.text, "thoughts": shot.reasoning or None}
                        for shot in snapshots
                    ],
                )

    async def finish(self, ending: Ending) -> bool:
        async with self._database.write() as session:
            return await self._finish(session, ending)

    async def _finish(self, session: AsyncSession, ending: Ending) -> bool:
        """The one way a generation ends in the database, whoever ends it. False where it had ended before."""
        now = self._clock()
        await session.execute(update(_chats).where(_chats.c.id == ending.chat_id).values(updated_at=now))
        ended = await session.execute(
            update(_generations)
            .where(_generations.c.id == ending.generation_id, _generations.c.status == "running")
            .values(status="ended", ended_at=now)
            .returning(_generations.c.id)
        )
        spent = Spent(ending.prompt_tokens, ending.completion_tokens, ending.cost_usd, ending.estimated)
        if ended.one_or_none() is None:
            # Its chat may have been deleted meanwhile; the ledger must be right all the same.
            await self._usage.settle(session, ending.generation_id, spent, give_back=ending.gives_back)
            return False
        await session.execute(
            update(_messages)
            .where(_messages.c.id == ending.message_id)
            .values(
                content=ending.text,
                reasoning=ending.reasoning or None,
                status=ending.status,
                finish_reason=ending.finish_reason[:50],
                error_code=ending.failure.code.value if ending.failure else None,
                tokens_used=ending.tokens_used,
                size_tokens=estimate_tokens(ending.text),
                cost_usd=ending.cost_usd,
                metadata={"estimated": True} if ending.estimated else None,
            )
        )
        await self._usage.settle(session, ending.generation_id, spent, give_back=ending.gives_back)
        return True

    async def reap(self, *, but: Sequence[UUID] = ()) -> int:
        """Ends generations that no process keeps alive, with the text that was saved. `but` names those that this process
        runs. Returns how many it ended.
        """
        silent = select(Generation.id).where(
            Generation.status == "running", Generation.heartbeat_at < self._clock() - DEAD_AFTER
        )
        async with self._database.read() as session:
            left = (await session.scalars(silent)).all()
        return await self._end_all([found for found in left if found not in set(but)])

    async def reap_leftovers(self, *, alone: bool) -> int:
        """At start, before anybody is served: ends what dead processes left. `alone` says that no other process serves
        this database; otherwise those count as dead whose generations give no sign of life for a while.
        """
        running = select(Generation.id, Generation.heartbeat_at).where(Generation.status == "running")
        async with self._database.read() as session:
            before = await _pairs(session, running)
        if before and not alone:
            await asyncio.sleep(SIGN_OF_LIFE_SECONDS)
            async with self._database.read() as session:
                after = await _pairs(session, running)
            before = {found: beat for found, beat in before.items() if after.get(found) == beat}
        return await self._end_all(list(before))

    async def _end_all(self, generations: Sequence[UUID]) -> int:
        ended = 0
        for generation_id in generations:
            async with self._database.write() as session:
                row = (
                    await session.execute(
                        select(Generation.id, Generation.chat_id, Generation.user_id, Message.id.label("message_id"),
                               Message.content, Message.reasoning)
                        .join(Message, Message.id == Generation.message_id)
                        .where(Generation.id == generation_id, Generation.status == "running")
                    )
                ).one_or_none()  # fmt: skip
                ended += row is not None and await self._finish(session, _interrupted(row))
        if ended:
            log.warning("answers of a dead process were ended", count=ended)
        return ended


async def _pairs(session: AsyncSession, query: Select[UUID, datetime]) -> dict[UUID, datetime]:
    return {found: beat for found, beat in (await session.execute(query)).all()}  # noqa: C416 - rows are not tuples to mypy


def _interrupted(row: Row[UUID, UUID, UUID, UUID, str, str | None]) -> Ending:
    code = ErrorCode.INTERRUPTED
    tokens = estimate_tokens(row.content) + estimate_tokens(row.reasoning or "")
    return Ending(
        generation_id=row.id,
        message_id=row.message_id,
        chat_id=row.chat_id,
        user_id=row.user_id,
        status="interrupted",
        text=row.content,
        reasoning=row.reasoning or "",
        finish_reason="interrupted",
        failure=Failure(code, code.sentence, retryable=True),
        prompt_tokens=0,
        completion_tokens=tokens,
        tokens_used=tokens,
        cost_usd=None if tokens else Decimal(0),
        estimated=True,
    )
