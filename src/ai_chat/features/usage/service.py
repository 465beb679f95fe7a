"""The quota as a ledger: reserve before sending, settle or give back at the end, each exactly once.

Every check is part of the statement that spends, so that a hundred messages at the same instant cannot share the last one.
The caller opens the transaction; what is reserved here stands or falls with what it is reserved for.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.usage.key_caps import KeyCaps, KeyUse, count_message, take_message, use_of_keys
from ai_chat.features.usage.models import ChatCreation, LateCost, UsageDay, UsageEntry
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.features.usage.settling_later import FIRST_PAUSE
from ai_chat.features.usage.spending import Spending
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import ErrorCode, LimitReached
from ai_chat.kernel.ids import new_id
from ai_chat.storage.statements import Statement

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
    answer_id: str | None = None
    """The provider's id of the answer: it can be asked later what it charged."""


class Settlement(NamedTuple):
    """How a reservation ends."""

    spent: Spent
    give_back: bool


_days = cast("Table", UsageDay.__table__)
_entries = cast("Table", UsageEntry.__table__)
_TAKE = Statement(
    lambda spelling: (
        spelling.insert(_days)
        .values(user_id=bindparam("user"), day=bindparam("date"), used=0, reserved=1)
        .on_conflict_do_update(
            index_elements=[_days.c.user_id, _days.c.day],
            set_={"reserved": _days.c.reserved + 1},
            where=_days.c.used + _days.c.reserved < bindparam("limit"),
        )
    )
)
"""The first message of a day opens it, so the limit must be one at least."""
_RESERVE = Statement(
    insert(_entries).values(
        id=bindparam("entry"),
        user_id=bindparam("user"),
        day=bindparam("date"),
        state="reserved",
        model=bindparam("of_model"),
        source=bindparam("of_source"),
        api_key_id=bindparam("key"),
        prompt_tokens=0,
        completion_tokens=0,
        estimated=False,
        created_at=bindparam("now"),
    )
)
_RESERVED = Statement(
    lambda spelling: (
        select(_entries.c.id, _entries.c.user_id, _entries.c.day, _entries.c.api_key_id, _entries.c.source)
        .where(spelling.among(_entries.c.id, "entries"), _entries.c.state == "reserved")
        .order_by(_entries.c.id)
        .with_for_update()
    )
)
_END = Statement(
    update(_entries)
    .where(_entries.c.id == bindparam("entry"))
    .values(
        state=bindparam("ended_as"),
        prompt_tokens=bindparam("prompt"),
        completion_tokens=bindparam("completion"),
        cost_usd=bindparam("cost"),
        estimated=bindparam("guessed"),
        ended_at=bindparam("now"),
    )
)
_ASK_LATER = insert(cast("Table", LateCost.__table__)).values(attempts=0)
_COUNT = Statement(
    update(_days)
    .where(_days.c.user_id == bindparam("user"), _days.c.day == bindparam("date"))
    .values(reserved=_days.c.reserved - bindparam("ended"), used=_days.c.used + bindparam("counted"))
)


class Usage:
    """Limits and what has been used of them."""

    def __init__(
        self,
        plans: Mapping[PlanId, Plan],
        zone: ZoneInfo,
        clock: Clock,
        spending: Spending | None = None,
        asked_later: Collection[str] = (),
    ) -> None:
        """`asked_later` names the sources that can be asked later what an answer has cost."""
        self.plans = plans
        self._spending = spending
        self._asked_later = asked_later
        self._zone = zone
        self._clock = clock

    def reserve_message(
        self,
        session: Session,
        *,
        entry_id: UUID,
        user_id: UUID,
        plan: Plan,
        model: str,
        source: str,
        more_to_come: int = 0,
        key: KeyCaps | None = None,
    ) -> None:
        """Takes one message of today's; MESSAGE_LIMIT_REACHED where none is left, or not as many `more_to_come` as the same
        transaction is going to take, KEY_LIMIT_REACHED where the API key that sends it may send no more, MODEL_UNAVAILABLE
        where it costs money and the operator's budget is used up.
        """
        if self._spending is not None:
            self._spending.take(session, entry_id, model, source)
        now = self._clock()
        day = self._today(now)
        limit = plan.messages_per_day - more_to_come
        if limit < 1 or _TAKE.run(session, {"user": user_id, "date": day, "limit": limit}) != 1:
            allowance = self.messages_today(session, user_id, plan)
            raise LimitReached(
                ErrorCode.MESSAGE_LIMIT_REACHED,
                limit=allowance.limit,
                used=allowance.used,
                resets_at=allowance.resets_at,
                now=now,
            )
        if key is not None:
            take_message(session.connection(), key, day, self._zone, now)
        _RESERVE.later(
            session,
            {
                "entry": entry_id,
                "user": user_id,
                "date": day,
                "of_model": model,
                "of_source": source,
                "key": key.key_id if key is not None else None,
                "now": now,
            },
        )

    def settle(self, session: Session, entry_id: UUID, spent: Spent, *, give_back: bool) -> bool:
        """Ends a reservation: the message counts, or is given back. What it cost is recorded in both cases.
        False where it had been ended before: nothing is counted twice.
        """
        return bool(self.settle_all(session, {entry_id: Settlement(spent, give_back)}))

    def settle_all(self, session: Session, settlements: Mapping[UUID, Settlement]) -> Collection[UUID]:
        """Ends several reservations, as `settle` does one; which of them it has ended."""
        now = self._clock()
        reserved = _RESERVED.rows(session, {"entries": list(settlements)})
        if not reserved:
            return ()
        _END.run_each(session, [_ended(row.id, settlements[row.id], now) for row in reserved])
        of_days: defaultdict[tuple[UUID, date], list[Settlement]] = defaultdict(list)
        for row in reserved:
            settlement = settlements[row.id]
            of_days[row.user_id, row.day].append(settlement)
            if self._spending is not None:
                self._spending.settle(row.id, settlement.spent.cost_usd)
        _COUNT.run_each(
            session,
            [
                {"user": user, "date": day, "ended": len(ended), "counted": sum(not one.give_back for one in ended)}
                for (user, day), ended in sorted(of_days.items(), key=itemgetter(0))
            ],
        )
        for row in sorted(reserved, key=lambda row: (row.api_key_id or row.id, row.id)):
            spent, give_back = settlements[row.id].spent, settlements[row.id].give_back
            if row.api_key_id is not None:
                count_message(session.connection(), row.api_key_id, row.day, spent.cost_usd, give_back=give_back)
            unsure = spent.estimated or spent.cost_usd is None
            if unsure and spent.answer_id is not None and row.source in self._asked_later:
                asked = {"entry_id": row.id, "source": row.source, "answer_id": spent.answer_id, "created_at": now}
                session.connection().execute(_ASK_LATER, asked | {"due_at": now + FIRST_PAUSE})
        return [row.id for row in reserved]

    def record_operator_cost(
        self, session: Session, *, entry_id: UUID, user_id: UUID, model: str, source: str, spent: Spent
    ) -> None:
        """What the product has asked for by itself, for this person: it counts for nothing in their plan."""
        now = self._clock()
        day = self._today(now)
        if self._spending is not None and spent.cost_usd is not None:
            self._spending.correct(day, Decimal(0), spent.cost_usd)
        session.add(
            UsageEntry(
                id=entry_id,
                user_id=user_id,
                day=day,
                state="operator",
                model=model,
                source=source,
                prompt_tokens=spent.prompt_tokens,
                completion_tokens=spent.completion_tokens,
                cost_usd=spent.cost_usd,
                estimated=spent.estimated,
                created_at=now,
                ended_at=now,
            )
        )

    def count_new_chat(self, session: Session, user_id: UUID, plan: Plan) -> None:
        """Counts a new chat; CHAT_LIMIT_REACHED where the last hour has had as many as the plan allows."""
        now = self._clock()
        lock_user(session, user_id)
        allowance = self.chats_this_hour(session, user_id, plan)
        if allowance.used >= allowance.limit:
            raise LimitReached(
                ErrorCode.CHAT_LIMIT_REACHED,
                limit=allowance.limit,
                used=allowance.used,
                resets_at=allowance.resets_at,
                now=now,
            )
        session.execute(
            delete(ChatCreation).where(ChatCreation.user_id == user_id, ChatCreation.created_at <= now - _HOUR)
        )
        session.add(ChatCreation(id=new_id(), user_id=user_id, created_at=now))

    def chats_this_hour(self, session: Session, user_id: UUID, plan: Plan) -> Allowance:
        """New chats of the last 60 minutes; the limit opens when the oldest of them is an hour old."""
        now = self._clock()
        created = (
            session.scalars(
                select(ChatCreation.created_at)
                .where(ChatCreation.user_id == user_id, ChatCreation.created_at > now - _HOUR)
                .order_by(ChatCreation.created_at.desc())
                .limit(plan.chats_per_hour)
            )
        ).all()
        return Allowance(plan.chats_per_hour, len(created), (created[-1] if created else now) + _HOUR)

    def messages_today(self, session: Session, user_id: UUID, plan: Plan) -> Allowance:
        """Messages of the calendar day, those still being answered included."""
        now = self._clock()
        day = self._today(now)
        used = session.scalar(
            select(UsageDay.used + UsageDay.reserved).where(UsageDay.user_id == user_id, UsageDay.day == day)
        )
        return Allowance(plan.messages_per_day, used or 0, self._midnight_after(day))

    def keys_use(self, session: Session, key_ids: Sequence[UUID]) -> dict[UUID, KeyUse]:
        """What each of these API keys has used today and this month; those that have used nothing are left out."""
        return use_of_keys(session, key_ids, self._today(self._clock()))

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def _midnight_after(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time.min, self._zone).astimezone(UTC)


def _ended(entry_id: UUID, settlement: Settlement, now: datetime) -> dict[str, object]:
    spent = settlement.spent
    return {
        "entry": entry_id,
        "ended_as": "released" if settlement.give_back else "settled",
        "prompt": spent.prompt_tokens,
        "completion": spent.completion_tokens,
        "cost": spent.cost_usd,
        "guessed": spent.estimated,
        "now": now,
    }
