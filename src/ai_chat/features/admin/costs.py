"""What models have cost in roubles, by model, plan, person and day. Sums for the eye: the exact costs are in the usage ledger."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Float, cast, func, or_, select
from sqlalchemy.orm import Session

from ai_chat.features.billing.models import ExchangeRate, Grant
from ai_chat.features.usage.models import UsageEntry


@dataclass(slots=True)
class Cost:
    """Roubles and messages."""

    rub: float = 0.0
    messages: int = 0

    def add(self, rub: float, messages: int) -> None:
        self.rub, self.messages = self.rub + rub, self.messages + messages


@dataclass(frozen=True, slots=True)
class Costs:
    """The same sum, cut in four ways."""

    total: Cost = field(default_factory=Cost)
    models: Mapping[str, Cost] = field(default_factory=lambda: defaultdict(Cost))
    plans: Mapping[str, Cost] = field(default_factory=lambda: {"free": Cost(), "premium": Cost()})
    people: Mapping[UUID, Cost] = field(default_factory=lambda: defaultdict(Cost))
    days: Mapping[date, Cost] = field(default_factory=lambda: defaultdict(Cost))
    used: Mapping[tuple[UUID, str], int] = field(default_factory=lambda: defaultdict(int))
    """Messages of a person to a model."""


class Rates:
    """Roubles for a dollar, as stored from a moment on; before the first, what the settings say."""

    def __init__(self, session: Session, default: Decimal, zone: ZoneInfo) -> None:
        query = select(ExchangeRate.valid_from, ExchangeRate.rub_per_usd).order_by(ExchangeRate.valid_from.desc())
        self._rates = session.execute(query).all()
        self._default = default
        self._zone = zone

    def at(self, moment: datetime) -> Decimal:
        return next((rate for since, rate in self._rates if since <= moment), self._default)

    def on(self, day: date) -> Decimal:
        """The rate of the day's last moment: what an operator sets in the morning counts for that day."""
        return self.at(datetime.combine(day, time.max, self._zone))


def costs(session: Session, since: date, until: date, rates: Rates) -> Costs:
    """From a day to another, both included, in the zone that days of usage are counted in."""
    premium = (
        select(Grant.id)
        .where(
            Grant.user_id == UsageEntry.user_id,
            Grant.starts_at <= UsageEntry.created_at,
            or_(Grant.ends_at.is_(None), Grant.ends_at > UsageEntry.created_at),
            or_(Grant.revoked_at.is_(None), Grant.revoked_at > UsageEntry.created_at),
        )
        .exists()
        .label("premium")
    )
    entries = (
        select(UsageEntry.model, UsageEntry.user_id, UsageEntry.day, UsageEntry.cost_usd, premium)
        .where(UsageEntry.day >= since, UsageEntry.day <= until)
        .subquery()
    )
    by = entries.c.model, entries.c.user_id, entries.c.day, entries.c.premium
    query = select(*by, func.sum(cast(entries.c.cost_usd, Float)), func.count()).group_by(*by)
    found = Costs()
    daily: dict[date, float] = {}
    for model, user_id, day, is_premium, usd, messages in session.execute(query).all():
        rate = daily.setdefault(day, float(rates.on(day)))
        rub = (usd or 0.0) * rate
        parts = found.models[model], found.plans["premium" if is_premium else "free"], found.people[user_id]
        for part in (found.total, found.days[day], *parts):
            part.add(rub, messages)
        found.used[user_id, model] += messages  # type: ignore[index]  # a Mapping to its readers
    return found
