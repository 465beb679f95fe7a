"""Buying: one open order a person, whatever they click, with price and terms frozen in it.

The order and its payment are written down first; then the provider is called, and what it says goes through settlement.
Whoever clicks again, in this tab or another, on this worker or another, gets the same order and the same page to pay on.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from ai_chat.features.billing.pricing import Pricing, Wish
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
        order_id, payment_id = await self._database.write(lambda session: self._open(session, user, wish))
        if payment_id is None:
            self._payments.tell(user.id)
            return Checkout(order_id, self._requests.return_url(order_id))
        return Checkout(order_id, await self._confirmation(order_id, payment_id))

    async def preview(self, user: CurrentUser, wish: Wish) -> Preview:
        """What this would cost and give now; opens and takes nothing."""

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
        if wish.kind != "card":
            found = self._reusable(session, user, wish, now)
            if found is not None:
                return found
        order = self._pricing.order(session, user, wish, now)
        if order.promo_code is not None:
            promo.use(session, order.promo_code, user_id=user.id, order_id=order.id, now=now)
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
