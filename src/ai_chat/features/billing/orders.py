"""Buying: one open order a person, whatever they click, with price and terms frozen in it.

The order and its payment are written down first; then the provider is called, and what it says goes through settlement.
Whoever clicks again, in this tab or another, on this worker or another, gets the same order and the same page to pay on.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
<<<<<<< HEAD
from typing import Literal, cast
=======
>>>>>>> main
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.audit.log import record
from ai_chat.features.billing import promo
from ai_chat.features.billing.delivery import Delivery
from ai_chat.features.billing.models import Order, Payment
from ai_chat.features.billing.payments import Payments
<<<<<<< HEAD
from ai_chat.features.billing.periods import Period
from ai_chat.features.billing.prices import offered
=======
from ai_chat.features.billing.pricing import Pricing, Wish
>>>>>>> main
from ai_chat.features.billing.requests import Requests
from ai_chat.features.billing.settlement import Settlement
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.database import Database

_REUSE_WITHIN = timedelta(minutes=55)
_PATIENCE_SECONDS = 15.0
_GLANCE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Checkout:
    """The order, and where to pay it. Nothing is left to pay where it is paid already."""

    order_id: UUID
    confirmation_url: str


@dataclass(frozen=True, slots=True)
class Preview:
    """An order that nobody has opened, and until when its owner would be on Premium."""

    order: Order
    premium_until: datetime


class Orders:
    """Checkout, and what became of it."""

    def __init__(
        self,
        database: Database,
        pricing: Pricing,
        payments: Payments,
        requests: Requests,
        settlement: Settlement,
        delivery: Delivery,
        clock: Clock,
    ) -> None:
        self._database = database
        self._pricing = pricing
        self._payments = payments
        self._requests = requests
        self._settlement = settlement
        self._delivery = delivery
        self._clock = clock
        self._sending: set[asyncio.Task[None]] = set()

    async def checkout(self, user: CurrentUser, wish: Wish) -> Checkout:
        """The person's open order for this wish, new or the one they have; and the page to pay it on."""
<<<<<<< HEAD
=======
        self._pricing.check(wish)
>>>>>>> main
        order_id, payment_id = await self._database.write(lambda session: self._open(session, user, wish))
        if payment_id is None:
            self._payments.tell(user.id)
            return Checkout(order_id, self._requests.return_url(order_id))
        return Checkout(order_id, await self._confirmation(order_id, payment_id))

    async def preview(self, user: CurrentUser, wish: Wish) -> Preview:
        """What this would cost and give now; opens and takes nothing."""
        self._pricing.check(wish)

        def work(session: Session) -> Preview:
            now = self._clock()
            order = self._pricing.order(session, user, wish, now)
            return Preview(order, self._delivery.end_of(session, order, now))

        return await self._database.read(work)

    async def look(self, user_id: UUID, order_id: UUID) -> None:
        """Asks the provider about an order that somebody is waiting for; at most once in two seconds."""

        def undecided(session: Session) -> UUID | None:
            query = (
                select(Payment.id)
                .join(Order, Order.id == Payment.order_id)
                .where(Order.id == order_id, Order.user_id == user_id, Order.status == "pending",
                       Payment.provider_id.is_not(None), Payment.status.in_(("pending", "waiting_for_capture")),
                       Payment.updated_at < self._clock() - timedelta(seconds=2))
            )  # fmt: skip
            return session.scalar(query.limit(1))

        payment_id = await self._database.read(undecided)
        if payment_id is not None:
            await self._advance(payment_id, 5.0)

    async def close(self) -> None:
        """Waits for calls under way."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    def _open(self, session: Session, user: CurrentUser, wish: Wish) -> tuple[UUID, UUID | None]:
        lock_user(session, user.id)
        now = self._clock()
        plan = offered(session, self._plans)[wish.plan]
        if wish.kind in ("purchase", "change") and price_of(plan, wish.period) <= 0:
            raise InvalidInput(FieldProblem("plan", "This plan cannot be bought."))
        if wish.kind != "card":
            found = self._reusable(session, user, wish, now)
            if found is not None:
                return found
<<<<<<< HEAD
        order = self._order(session, user, wish, plan, now)
=======
        order = self._pricing.order(session, user, wish, now)
        if order.promo_code is not None:
            promo.use(session, order.promo_code, user_id=user.id, order_id=order.id, now=now)
>>>>>>> main
        session.add(order)
        session.flush()
        record(session, at=now, actor=str(user.id), action="order.opened", subject=order.id, user_id=user.id,
               details={"kind": order.kind, "amount": order.amount, "saveMethod": order.save_method})  # fmt: skip
        if order.amount == 0 and order.kind not in ("card", "trial"):
            order.status, order.open_for, order.paid_at = "paid", None, now
            self._delivery.deliver(session, order, None, None, now)
            return order.id, None
        binds = order.kind in ("card", "trial")
        payment = self._requests.binding(order, now=now) if binds else self._requests.payment(order, now=now)
        session.add(payment)
        session.flush()
        return order.id, payment.id

    def _reusable(
        self, session: Session, user: CurrentUser, wish: Wish, now: datetime
    ) -> tuple[UUID, UUID | None] | None:
        """The open order, where it is for the same; another wish, or an hour, closes it."""
        order = session.scalar(select(Order).where(Order.open_for == user.id).with_for_update())
        if order is None:
            return None
        code = promo.normal(wish.promo_code) if wish.promo_code else None
        kinds = ("purchase", "trial") if wish.kind == "purchase" else (wish.kind,)
        same = order.kind in kinds and (order.plan, order.period, order.promo_code) == (wish.plan, wish.period, code)
        same = same and (order.consent_at is not None) == wish.save_method
        if same and now < order.created_at + _REUSE_WITHIN:
            query = select(Payment.id).where(Payment.order_id == order.id).order_by(Payment.id.desc())
            return order.id, session.scalar(query.limit(1))
        self._settlement.order_expired(session, order, "expired" if same else "replaced")
        session.flush()
        return None

<<<<<<< HEAD
    def _order(self, session: Session, user: CurrentUser, wish: Wish, plan: Plan, now: datetime) -> Order:
        subscription = session.scalar(select(Subscription).where(Subscription.user_id == user.id))
        price = price_of(plan, wish.period)
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
            self._cheapen(session, order, wish, plan.trial_days, now)
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

    def _cheapen(self, session: Session, order: Order, wish: Wish, trial_days: int, now: datetime) -> None:
        user_id = cast(UUID, order.user_id)
        if wish.promo_code:
            discount = promo.use(session, wish.promo_code, period=wish.period, price=order.price, user_id=user_id,
                                 order_id=order.id, now=now)  # fmt: skip
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

=======
>>>>>>> main
    async def _confirmation(self, order_id: UUID, payment_id: UUID) -> str:
        """Makes the call, or waits for whoever is making it."""
        await self._advance(payment_id, _PATIENCE_SECONDS)
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while True:
            order, payment = await self._database.read(lambda session: _latest(session, order_id))
            if payment.confirmation_url is not None and order.status == "pending":
                return payment.confirmation_url
            if order.status == "paid":
                return self._requests.return_url(order_id)
            if order.status != "pending":
                raise AppError(ErrorCode.PAYMENT_REFUSED)
            under_way = payment.claimed_until is not None and payment.claimed_until > self._clock()
            if not under_way or asyncio.get_running_loop().time() > deadline:
                raise AppError(ErrorCode.PAYMENTS_UNAVAILABLE, retry_after=5)
            await asyncio.sleep(_GLANCE_SECONDS)

    async def _advance(self, payment_id: UUID, seconds: float) -> None:
        """The call goes on when nobody waits for it any more: what it did must be written down."""
        task = asyncio.create_task(self._payments.advance(payment_id))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        done, _ = await asyncio.wait((task,), timeout=seconds)
        if done:
            task.result()


def _latest(session: Session, order_id: UUID) -> tuple[Order, Payment]:
    query = select(Payment).where(Payment.order_id == order_id).order_by(Payment.id.desc()).limit(1)
    return session.get_one(Order, order_id), session.scalars(query).one()
