"""What something costs a person now, and what they get for it: the terms that an order freezes, and that a page shows before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.billing import grants, promo
from ai_chat.features.billing.delivery import state_of
from ai_chat.features.billing.models import Grant, Order, Payment, Subscription
from ai_chat.features.billing.periods import Period
from ai_chat.features.billing.prices import offered
from ai_chat.features.billing.requests import Requests
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.money import CURRENCY, from_roubles, share

PAY_WITHIN = timedelta(hours=1)
"""The provider's own limit for a payment that nobody confirms."""
_SMALLEST = 100
"""Kopecks; providers take no less."""

OrderKind = Literal["purchase", "trial", "change", "card"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody has clicked on."""

    kind: OrderKind
    plan: PlanId
    period: Period
    promo_code: str | None = None
    save_method: bool = False
    locale: str = "ru"


def price_of(plan: Plan, period: Period) -> int:
    """Kopecks; 0 where the plan is not sold like that."""
    return from_roubles(plan.price_rub if period == "month" else plan.price_rub_year)


class Pricing:
    """Prices of the plans as they are offered, less promo codes, trials and what is left of paid time."""

    def __init__(self, plans: Mapping[PlanId, Plan], requests: Requests) -> None:
        self._plans = plans
        self._requests = requests

    def order(self, session: Session, user: CurrentUser, wish: Wish, now: datetime) -> Order:
        """An order with its terms, stored nowhere yet. Its promo code is good, and not taken. InvalidInput where this is not
        sold.
        """
        plan = offered(session, self._plans)[wish.plan]
        price = price_of(plan, wish.period)
        if wish.kind in ("purchase", "change") and price <= 0:
            raise InvalidInput(FieldProblem("plan", "This plan cannot be bought."))
        subscription = session.scalar(select(Subscription).where(Subscription.user_id == user.id))
        order = Order(
            id=new_id(), user_id=user.id, kind=wish.kind, open_for=user.id, status="pending", plan=wish.plan,
            period=wish.period, price=price, discount=0, credit=0, amount=price, currency=CURRENCY, free_days=0,
            save_method=wish.save_method, consent_at=now if wish.save_method else None, email=user.email,
            locale=wish.locale, created_at=now, updated_at=now, expires_at=now + PAY_WITHIN,
        )  # fmt: skip
        if wish.kind == "card":
            order.open_for, order.amount = None, 0
            return order
        if wish.kind == "change":
            order.credit = min(self._unused(session, user.id, now), price - _SMALLEST)
        else:
            self._refuse_twice(session, user.id, subscription, now)
            self._cheapen(session, order, wish, user.id, plan.trial_days, now)
        order.amount = price - order.discount - order.credit
        if order.kind == "trial":
            order.amount = 0
        elif 0 < order.amount < _SMALLEST:
            order.discount, order.amount = order.discount - (_SMALLEST - order.amount), _SMALLEST
        return order

    def _refuse_twice(self, session: Session, user_id: UUID, subscription: Subscription | None, now: datetime) -> None:
        """Whoever is charged again by themselves, or has Premium for ever, would only pay twice."""
        renews = subscription is not None and subscription.auto_renew and state_of(subscription) == "active"
        for_ever = any(grant.ends_at is None for grant in grants.living(session, user_id, now))
        if for_ever or (renews and subscription is not None and subscription.payment_method_id is not None):
            raise AppError(ErrorCode.ALREADY_SUBSCRIBED)

    def _cheapen(
        self, session: Session, order: Order, wish: Wish, user_id: UUID, trial_days: int, now: datetime
    ) -> None:
        if wish.promo_code:
            discount = promo.look(
                session, wish.promo_code, period=wish.period, price=order.price, user_id=user_id, now=now
            )
            order.promo_code, order.discount = promo.normal(wish.promo_code), discount.amount
            order.free_days = discount.free_days
            if discount.free_days and not discount.amount:  # days for nothing: there is nothing to pay
                order.discount = order.price
            return
        first = session.scalar(
            select(Grant.id).where(Grant.user_id == user_id, Grant.kind.in_(("trial", "payment"))).limit(1)
        )
        if trial_days and wish.save_method and first is None and self._requests.shop_is_recurring:
            order.kind, order.free_days = "trial", trial_days

    def _unused(self, session: Session, user_id: UUID, now: datetime) -> int:
        """What is left of the money paid for time that has not passed."""
        credit = 0
        for grant in grants.living(session, user_id, now):
            if grant.kind != "payment" or grant.ends_at is None or grant.payment_id is None:
                continue
            payment = session.get_one(Payment, grant.payment_id)
            left = (grant.ends_at - max(now, grant.starts_at)).total_seconds()
            credit += share(
                payment.amount - payment.refund_held, left, (grant.ends_at - grant.starts_at).total_seconds()
            )
        return credit
