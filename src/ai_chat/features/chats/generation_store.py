"""Where the relay's generations are kept: checkpoints and endings."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy import Table, bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.usage.service import Spent, Usage
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.tokens import estimate_tokens
from ai_chat.relay.generation import Ending, Snapshot
from ai_chat.storage.database import Database

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
