"""The figures of the dashboard, over a stretch of days: money from the ledger, people from grants, costs from usage."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.billing.models import (
    ExchangeRate,
    Grant,
    LedgerEntry,
    LedgerTransaction,
    Order,
    Subscription,
)
from ai_chat.features.usage.models import UsageEntry
from ai_chat.kernel.money import roubles


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a moment up to another."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Day:
    day: str
    revenue: float
    refunds: float
    cost: float


@dataclass(frozen=True, slots=True)
class Share:
    """What a model, a plan or a person brought and cost, in roubles."""

    name: str
    revenue: float
    cost: float
    messages: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Amounts in roubles, shares between 0 and 1."""

    revenue: float
    refunds: float
    fees: float
    mrr: float
    active_subscribers: int
    new_subscribers: int
    canceled_subscribers: int
    users: int
    conversion: float
    churn: float
    failed_renewals: int
    upstream_cost: float
    gross_margin: float
    rub_per_usd: float
    days: list[Day]
    by_model: list[Share]
    by_plan: list[Share]
    loss_making: list[Share]


def figures(session: Session, stretch: Stretch, default_rate: Decimal, now: datetime) -> Figures:
    """All figures of a stretch of time."""
    booked, by_day, by_user = _money(session, stretch)
    rates = _Rates(session, default_rate)
    costs, cost_days = _costs(session, stretch, rates)
    subscribers = _subscribers(session, now)
    before = _subscribers(session, stretch.since)
    new = len(_payers(session, stretch) - before)
    gone = len(before - subscribers)
    users = session.scalar(select(func.count()).select_from(User)) or 0
    revenue, refunds, fees = -booked["sales"], booked["refunds"], booked["fees"]
    cost = sum((share.cost for share in costs.values()), Decimal(0))
    failed = select(func.count()).select_from(Order).where(
        Order.kind == "renewal", Order.status == "canceled", Order.created_at >= stretch.since, Order.created_at < stretch.until
    )  # fmt: skip
    return Figures(
        revenue=roubles(revenue), refunds=roubles(refunds), fees=roubles(fees), mrr=roubles(_mrr(session)),
        active_subscribers=len(subscribers), new_subscribers=new, canceled_subscribers=gone, users=users,
        conversion=round(len(subscribers) / users, 4) if users else 0.0, churn=round(gone / len(before), 4) if before else 0.0,
        failed_renewals=session.scalar(failed) or 0, upstream_cost=_money_of(cost),
        gross_margin=_money_of(Decimal(revenue - refunds - fees) / 100 - cost), rub_per_usd=float(rates.at(now)),
        days=[Day(day, roubles(by_day[day][0]), roubles(by_day[day][1]), _money_of(cost_days[day]))
              for day in sorted({*by_day, *cost_days})],
        by_model=_models(costs), by_plan=_plans(costs, revenue - refunds),
        loss_making=_losses(session, costs, by_user),
    )  # fmt: skip


@dataclass(slots=True)
class _Cost:
    cost: Decimal = Decimal(0)
    messages: int = 0


_Key = tuple[str, str, UUID]
"""Model, plan, person."""


class _Rates:
    """The rate that was valid at a moment."""

    def __init__(self, session: Session, default: Decimal) -> None:
        self._rates = session.execute(
            select(ExchangeRate.valid_from, ExchangeRate.rub_per_usd).order_by(ExchangeRate.valid_from.desc())
        ).all()
        self._default = default

    def at(self, moment: datetime) -> Decimal:
        return next((rate for since, rate in self._rates if since <= moment), self._default)


def _money(session: Session, stretch: Stretch) -> tuple[Counter[str], dict[str, list[int]], Counter[UUID | None]]:
    query = (
        select(LedgerTransaction.created_at, LedgerTransaction.user_id, LedgerEntry.account, LedgerEntry.amount)
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .where(LedgerTransaction.created_at >= stretch.since, LedgerTransaction.created_at < stretch.until)
    )
    total: Counter[str] = Counter()
    days: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    people: Counter[UUID | None] = Counter()
    for at, user_id, account, amount in session.execute(query).all():
        total[account] += amount
        if account == "sales":
            days[at.date().isoformat()][0] -= amount
        if account == "refunds":
            days[at.date().isoformat()][1] += amount
        if account == "provider":
            people[user_id] += amount
    return total, days, people


def _costs(session: Session, stretch: Stretch, rates: _Rates) -> tuple[dict[_Key, _Cost], dict[str, Decimal]]:
    premium = (
        select(Grant.id)
        .where(
            Grant.user_id == UsageEntry.user_id,
            Grant.starts_at <= UsageEntry.created_at,
            or_(Grant.ends_at.is_(None), Grant.ends_at > UsageEntry.created_at),
            or_(Grant.revoked_at.is_(None), Grant.revoked_at > UsageEntry.created_at),
        )
        .exists()
    )
    query = select(
        UsageEntry.model, UsageEntry.user_id, UsageEntry.cost_usd, UsageEntry.created_at, premium.label("premium")
    ).where(UsageEntry.created_at >= stretch.since, UsageEntry.created_at < stretch.until)
    costs: dict[_Key, _Cost] = defaultdict(_Cost)
    days: dict[str, Decimal] = defaultdict(Decimal)
    for model, user_id, usd, at, is_premium in session.execute(query).all():
        rub = (usd or Decimal(0)) * rates.at(at)
        cost = costs[model, "premium" if is_premium else "free", user_id]
        cost.cost, cost.messages = cost.cost + rub, cost.messages + 1
        days[at.date().isoformat()] += rub
    return costs, days


def _subscribers(session: Session, moment: datetime) -> set[UUID]:
    """Who had paid Premium at a moment."""
    query = select(Grant.user_id).where(
        Grant.kind == "payment",
        Grant.user_id.is_not(None),
        Grant.starts_at <= moment,
        Grant.ends_at > moment,
        or_(Grant.revoked_at.is_(None), Grant.revoked_at > moment),
    )
    return {user_id for user_id in session.scalars(query).all() if user_id is not None}


def _payers(session: Session, stretch: Stretch) -> set[UUID]:
    query = select(Order.user_id).where(
        Order.paid_at >= stretch.since, Order.paid_at < stretch.until, Order.amount > 0, Order.user_id.is_not(None)
    )
    return {user_id for user_id in session.scalars(query).all() if user_id is not None}


def _mrr(session: Session) -> int:
    """What renews, as a month's worth."""
    query = select(Subscription.period, func.sum(Subscription.price)).where(
        Subscription.status == "active", Subscription.auto_renew.is_(True), Subscription.cancel_at_period_end.is_(False)
    )
    return sum(
        int(price) // (12 if period == "year" else 1)
        for period, price in session.execute(query.group_by(Subscription.period)).all()
    )


def _models(costs: dict[_Key, _Cost]) -> list[Share]:
    sums: dict[str, _Cost] = defaultdict(_Cost)
    for (model, _plan, _user), cost in costs.items():
        sums[model] = _Cost(sums[model].cost + cost.cost, sums[model].messages + cost.messages)
    ordered = sorted(sums.items(), key=lambda item: item[1].cost, reverse=True)
    return [Share(model, 0, _money_of(cost.cost), cost.messages) for model, cost in ordered]


def _plans(costs: dict[_Key, _Cost], revenue: int) -> list[Share]:
    sums: dict[str, _Cost] = {"free": _Cost(), "premium": _Cost()}
    for (_model, plan, _user), cost in costs.items():
        sums[plan] = _Cost(sums[plan].cost + cost.cost, sums[plan].messages + cost.messages)
    return [
        Share(plan, roubles(revenue) if plan == "premium" else 0, _money_of(cost.cost), cost.messages)
        for plan, cost in sums.items()
    ]


def _losses(session: Session, costs: dict[_Key, _Cost], brought: Counter[UUID | None]) -> list[Share]:
    """The people who cost most beyond what they paid."""
    sums: dict[UUID, _Cost] = defaultdict(_Cost)
    for (_model, _plan, user_id), cost in costs.items():
        sums[user_id] = _Cost(sums[user_id].cost + cost.cost, sums[user_id].messages + cost.messages)
    lost = {user: cost.cost - Decimal(brought[user]) / 100 for user, cost in sums.items()}
    worst = sorted((user for user in lost if lost[user] > 0), key=lambda user: lost[user], reverse=True)[:20]
    found = session.execute(select(User.id, User.email).where(User.id.in_(worst))).all()
    emails = {row.id: row.email for row in found}
    return [
        Share(emails.get(user, str(user)), roubles(brought[user]), _money_of(sums[user].cost), sums[user].messages)
        for user in worst
    ]


def _money_of(amount: Decimal) -> float:
    return float(round(amount, 4))
