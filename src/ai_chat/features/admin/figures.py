"""The figures of the dashboard over some calendar days: money from the ledger, people from grants, costs from usage."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.admin.costs import Cost, Costs, Rates, costs
from ai_chat.features.admin.figure_schemas import DayInfo, FiguresInfo, ShareInfo
from ai_chat.features.admin.subscribers import Subscribers, subscribers
from ai_chat.features.billing.models import LedgerEntry, LedgerTransaction, Order
from ai_chat.kernel.money import roubles

_SHOWN = 20
_DEAREST = 10


@dataclass(slots=True)
class _Money:
    """What the ledger says, in kopecks."""

    total: Counter[str]
    days: dict[date, Counter[str]]
    people: Counter[UUID]
    """What stayed with us of a person's payments."""


def figures(session: Session, days: int, zone: ZoneInfo, default_rate: Decimal, now: datetime) -> FiguresInfo:
    """The last `days` calendar days in `zone`, today included."""
    today = now.astimezone(zone).date()
    calendar = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    since = datetime.combine(calendar[0], time.min, zone)
    rates = Rates(session, default_rate, zone)
    money, spent = _money(session, since, now, zone), costs(session, calendar[0], today, rates)
    ends = [datetime.combine(day + timedelta(days=1), time.min, zone) for day in calendar[:-1]]
    paying = subscribers(session, [since, *ends, now])
    failed = _failed_renewals(session, since, zone)
    users, new_users = _users(session, None), _users(session, since)
    revenue, refunds, fees = -money.total["sales"], money.total["refunds"], money.total["fees"]
    return FiguresInfo(
        revenue=roubles(revenue), refunds=roubles(refunds), fees=roubles(fees), mrr=roubles(paying.mrr[-1]),
        active_subscribers=paying.active[-1], new_subscribers=sum(paying.began), canceled_subscribers=paying.ended,
        users=users, new_users=new_users, conversion=_part(paying.active[-1], users),
        churn=_part(paying.ended, paying.active[0] + sum(paying.began)), failed_renewals=sum(failed.values()),
        upstream_cost=round(spent.total.rub, 2),
        gross_margin=round((revenue - refunds - fees) / 100 - spent.total.rub, 2), rub_per_usd=float(rates.at(now)),
        days=_days(calendar, money, spent, paying, failed), by_model=_models(spent, money),
        by_plan=_plans(spent, revenue - refunds - fees), **_people(session, spent, money),
    )  # fmt: skip


def _money(session: Session, since: datetime, until: datetime, zone: ZoneInfo) -> _Money:
    query = (
        select(LedgerTransaction.created_at, LedgerTransaction.user_id, LedgerEntry.account, LedgerEntry.amount)
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .where(LedgerTransaction.created_at >= since, LedgerTransaction.created_at <= until)
    )
    found = _Money(Counter(), defaultdict(Counter), Counter())
    for at, user_id, account, amount in session.execute(query).all():
        found.total[account] += amount
        found.days[at.astimezone(zone).date()][account] += amount
        if account == "provider" and user_id is not None:
            found.people[user_id] += amount
    return found


def _failed_renewals(session: Session, since: datetime, zone: ZoneInfo) -> Counter[date]:
    query = select(Order.updated_at).where(
        Order.kind == "renewal", Order.status == "canceled", Order.updated_at >= since
    )
    return Counter(at.astimezone(zone).date() for at in session.scalars(query).all())


def _users(session: Session, since: datetime | None) -> int:
    query = select(func.count()).select_from(User)
    return session.scalar(query.where(User.created_at >= since) if since is not None else query) or 0


def _days(
    calendar: Sequence[date], money: _Money, spent: Costs, paying: Subscribers, failed: Mapping[date, int]
) -> list[DayInfo]:
    return [
        DayInfo(
            day=day.isoformat(), revenue=roubles(-money.days[day]["sales"]), refunds=roubles(money.days[day]["refunds"]),
            cost=round(spent.days.get(day, Cost()).rub, 2), mrr=roubles(paying.mrr[index]),
            subscribers=paying.active[index], new_subscribers=paying.began[index], failed_renewals=failed.get(day, 0),
        )
        for index, day in enumerate(calendar, start=1)
    ]  # fmt: skip


def _models(spent: Costs, money: _Money) -> list[ShareInfo]:
    """What a person brought is split over the models they used, by their messages; nothing is known more exactly."""
    brought: dict[str, float] = defaultdict(float)
    for (user_id, model), messages in spent.used.items():
        brought[model] += money.people[user_id] / 100 * messages / spent.people[user_id].messages
    ordered = sorted(spent.models.items(), key=lambda item: (-item[1].rub, -item[1].messages))
    return [_share(model, model, brought[model], cost) for model, cost in ordered[:_SHOWN]]


def _plans(spent: Costs, brought: int) -> list[ShareInfo]:
    return [_share(plan, plan, brought / 100 if plan == "premium" else 0.0, cost) for plan, cost in spent.plans.items()]


def _people(session: Session, spent: Costs, money: _Money) -> dict[str, list[ShareInfo]]:
    """The people who cost most, and those who cost most beyond what they brought."""
    lost = {user: cost.rub - money.people[user] / 100 for user, cost in spent.people.items()}
    dear = sorted(spent.people, key=lambda user: spent.people[user].rub, reverse=True)[:_DEAREST]
    worst = sorted((user for user in lost if lost[user] > 0), key=lambda user: lost[user], reverse=True)[:_SHOWN]
    rows = session.execute(select(User.id, User.email).where(User.id.in_({*dear, *worst}))).all()
    emails = {row.id: row.email for row in rows}

    def share(user: UUID) -> ShareInfo:
        return _share(str(user), emails.get(user, str(user)), money.people[user] / 100, spent.people[user])

    return {"by_user": [share(user) for user in dear], "loss_making": [share(user) for user in worst]}


def _share(found_id: str, name: str, revenue: float, cost: Cost) -> ShareInfo:
    return ShareInfo(id=found_id, name=name, revenue=round(revenue, 2), cost=round(cost.rub, 4), messages=cost.messages)


def _part(some: int, of: int) -> float:
    return round(some / of, 4) if of else 0.0
