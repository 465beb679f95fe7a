"""The quota as a ledger: reserve before sending, settle or give back at the end, each exactly once.

Every check is part of the statement that spends, so that a hundred messages at the same instant cannot share the last one.
The caller opens the transaction; what is reserved here stands or falls with what it is reserved for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.usage.models import ChatCreation, UsageDay, UsageEntry
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import ErrorCode, LimitReached
from ai_chat.kernel.ids import new_id

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of a limit is used and when it opens again."""

    limit: int
    used: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """What a message came to."""

    prompt_tokens: int
    completion_tokens: int
    cost_usd: Decimal | None
    estimated: bool


class Usage:
    """Limits and what has been used of them."""

    def __init__(self, plans: Mapping[PlanId, Plan], zone: ZoneInfo, clock: Clock) -> None:
        self.plans = plans
        self._zone = zone
        self._clock = clock

    async def reserve_message(
        self, session: AsyncSession, *, entry_id: UUID, user_id: UUID, plan: Plan, model: str, source: str
    ) -> None:
        """Takes one message of today's; MESSAGE_LIMIT_REACHED where none is left."""
        now = self._clock()
        day = self._today(now)
        days = cast(Table, UsageDay.__table__)
        for_this_database = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        await session.execute(
            for_this_database(days).values(user_id=user_id, day=day, used=0, reserved=0).on_conflict_do_nothing()
        )
        taken = await session.execute(
            update(days)
            .where(days.c.user_id == user_id, days.c.day == day, days.c.used + days.c.reserved < plan.messages_per_day)
            .values(reserved=days.c.reserved + 1)
        )
        if cast("CursorResult[object]", taken).rowcount != 1:
            allowance = await self.messages_today(session, user_id, plan)
            raise LimitReached(
                ErrorCode.MESSAGE_LIMIT_REACHED,
                limit=allowance.limit,
                used=allowance.used,
                resets_at=allowance.resets_at,
                now=now,
            )
        await session.execute(
            insert(cast(Table, UsageEntry.__table__)).values(
                id=entry_id,
                user_id=user_id,
                day=day,
                state="reserved",
                model=model,
                source=source,
                prompt_tokens=0,
                completion_tokens=0,
                estimated=False,
                created_at=now,
            )
        )

    async def settle(self, session: AsyncSession, entry_id: UUID, spent: Spent, *, give_back: bool) -> bool:
        """Ends a reservation: the message counts, or is given back. What it cost is recorded in both cases.
        False where it had been ended before: nothing is counted twice.
        """
        ended = (
            await session.execute(
                update(UsageEntry)
                .where(UsageEntry.id == entry_id, UsageEntry.state == "reserved")
                .values(
                    state="released" if give_back else "settled",
                    prompt_tokens=spent.prompt_tokens,
                    completion_tokens=spent.completion_tokens,
                    cost_usd=spent.cost_usd,
                    estimated=spent.estimated,
                    ended_at=self._clock(),
                )
                .returning(UsageEntry.user_id, UsageEntry.day)
                .execution_options(synchronize_session=False)
            )
        ).one_or_none()
        if ended is None:
            return False
        await session.execute(
            update(UsageDay)
            .where(UsageDay.user_id == ended.user_id, UsageDay.day == ended.day)
            .values(reserved=UsageDay.reserved - 1, used=UsageDay.used + (0 if give_back else 1))
            .execution_options(synchronize_session=False)
        )
        return True

    async def count_new_chat(self, session: AsyncSession, user_id: UUID, plan: Plan) -> None:
        """Counts a new chat; CHAT_LIMIT_REACHED where the last hour has had as many as the plan allows."""
        now = self._clock()
        await lock_user(session, user_id)
        allowance = await self.chats_this_hour(session, user_id, plan)
        if allowance.used >= allowance.limit:
            raise LimitReached(
                ErrorCode.CHAT_LIMIT_REACHED,
                limit=allowance.limit,
                used=allowance.used,
                resets_at=allowance.resets_at,
                now=now,
            )
        await session.execute(
            delete(ChatCreation).where(ChatCreation.user_id == user_id, ChatCreation.created_at <= now - _HOUR)
        )
        session.add(ChatCreation(id=new_id(), user_id=user_id, created_at=now))

    async def chats_this_hour(self, session: AsyncSession, user_id: UUID, plan: Plan) -> Allowance:
        """New chats of the last 60 minutes; the limit opens when the oldest of them is an hour old."""
        now = self._clock()
        created = (
            await session.scalars(
                select(ChatCreation.created_at)
                .where(ChatCreation.user_id == user_id, ChatCreation.created_at > now - _HOUR)
                .order_by(ChatCreation.created_at.desc())
                .limit(plan.chats_per_hour)
            )
        ).all()
        return Allowance(plan.chats_per_hour, len(created), (created[-1] if created else now) + _HOUR)

    async def messages_today(self, session: AsyncSession, user_id: UUID, plan: Plan) -> Allowance:
        """Messages of the calendar day, those still being answered included."""
        now = self._clock()
        day = self._today(now)
        used = await session.scalar(
            select(UsageDay.used + UsageDay.reserved).where(UsageDay.user_id == user_id, UsageDay.day == day)
        )
        return Allowance(plan.messages_per_day, used or 0, self._midnight_after(day))

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def _midnight_after(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time.min, self._zone).astimezone(UTC)
