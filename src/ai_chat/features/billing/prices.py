"""What plans cost now: the plans file says it, until an administrator sets other prices. Any worker sees them with the next order.

A new price is a new row, and history stays: nobody who has agreed to a price is charged another one (see `Subscription.price`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.billing.models import PlanPrice
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.kernel.ids import new_id


def offered(session: Session, plans: Mapping[PlanId, Plan]) -> Mapping[PlanId, Plan]:
    """The plans as they are sold at this moment."""
    latest = newest_price(session)
    if latest is None or latest.month is None:
        return plans
    sold = replace(
        plans["premium"],
        price_rub=latest.month,
        price_rub_year=latest.year or 0,
        trial_days=latest.trial_days or 0,
    )
    return {**plans, "premium": sold}


def newest_price(session: Session) -> PlanPrice | None:
    """What an administrator has set last."""
    return session.scalar(select(PlanPrice).order_by(PlanPrice.id.desc()).limit(1))


def price_history(session: Session, limit: int = 20) -> Sequence[PlanPrice]:
    """The newest first."""
    return session.scalars(select(PlanPrice).order_by(PlanPrice.id.desc()).limit(limit)).all()


def set_price(
    session: Session, *, month: int | None, year: int | None, trial_days: int | None, actor: str, now: datetime
) -> None:
    """New prices of Premium from now on; without a month's price those of the plans file again."""
    session.add(PlanPrice(id=new_id(), month=month, year=year, trial_days=trial_days, valid_from=now, set_by=actor))
    session.flush()
