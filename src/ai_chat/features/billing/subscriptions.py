"""What a person may do with their subscription: see it, cancel, resume, change the period, change or remove the card."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.audit.log import record
from ai_chat.features.billing import grants
from ai_chat.features.billing.delivery import Delivery, move, state_of
from ai_chat.features.billing.lifecycle import SubscriptionEvent
from ai_chat.features.billing.models import Grant, Order, Payment, SavedMethod, Subscription
from ai_chat.features.billing.orders import Checkout, Orders, Preview
from ai_chat.features.billing.payments import Announce, method_of
from ai_chat.features.billing.periods import Period
from ai_chat.features.billing.prices import offered
from ai_chat.features.billing.pricing import Wish, price_of
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.database import Database

_UNDER_WAY_SECONDS = 10.0
_GLANCE_SECONDS = 0.1

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class View:
    """A person's plan as they see it."""

    plan: PlanId
    status: Literal["active", "canceled", "expired"]
    current_period_start: datetime | None = None
    current_period_end: datetime | None = None
    cancel_at_period_end: bool = False
    period: Period | None = None
    next_period: Period | None = None
    price: int = 0
    auto_renew: bool = False
    next_charge_at: datetime | None = None
    past_due: bool = False
    grace_until: datetime | None = None
    trial: bool = False
    method_type: str | None = None
    method_title: str | None = None


class Subscriptions:
    """The person's side of a subscription."""

    def __init__(
        self, database: Database, plans: Mapping[PlanId, Plan], orders: Orders | None, delivery: Delivery, clock: Clock,
        announce: Announce,
    ) -> None:  # fmt: skip
        self._database = database
        self._plans = plans
        self._orders = orders
        self._delivery = delivery
        self._clock = clock
        self._announce = announce

    async def view(self, user_id: UUID) -> View:
        """The plan as it stands; a free user has the free one."""
        return await self._database.read(lambda session: self._view(session, user_id))

    async def cancel(self, user_id: UUID) -> View:
        """No further charge. What is paid stays until its end. A charge that is being made at this moment is let end first."""
        await self._wait_for_charge(user_id)

        def work(session: Session) -> View:
            subscription, now = self._of(session, user_id), self._clock()
            if not subscription.cancel_at_period_end:
                move(subscription, SubscriptionEvent.CANCEL, now)
                subscription.canceled_at = now
                grace = [grant for grant in grants.living(session, user_id, now) if grant.kind == "grace"]
                grants.revoke(session, grace, now, "Canceled by the person.")
                if not grants.renew_tier(session, user_id, now):
                    move(subscription, SubscriptionEvent.TIME_OVER, now)
                self._delivery.letters.queue(session, "canceled", f"{subscription.id}:{now.isoformat()}", user_id,
                                             subscription.locale, now=now, until=subscription.current_period_end)  # fmt: skip
                self._record(session, user_id, "subscription.canceled", now)
            session.flush()
            return self._view(session, user_id)

        return await self._change(user_id, work)

    async def resume(self, user_id: UUID) -> View:
        """Takes a cancellation back while the period lasts."""

        def work(session: Session) -> View:
            subscription, now = self._of(session, user_id), self._clock()
            if subscription.cancel_at_period_end:
                move(subscription, SubscriptionEvent.RESUME, now)
                subscription.canceled_at = None
                self._record(session, user_id, "subscription.resumed", now)
            session.flush()
            return self._view(session, user_id)

        return await self._change(user_id, work)

    async def change_period(self, user: CurrentUser, period: Period, locale: str) -> Checkout | None:
        """To a year: at once, for the difference. To a month: with the next renewal, since what is paid is paid."""
        orders = self._orders
        if orders is None:
            raise AppError(ErrorCode.PAYMENTS_UNAVAILABLE)

        def work(session: Session) -> bool:
            subscription, now = self._of(session, user.id), self._clock()
            if price_of(offered(session, self._plans)["premium"], period) <= 0:
                raise AppError(ErrorCode.PAYMENTS_UNAVAILABLE)
            if (subscription.next_period or subscription.period) == period:
                raise AppError(ErrorCode.ALREADY_SUBSCRIBED)
            if period in {"month", subscription.period}:
                subscription.next_period = None if subscription.period == period else period
                subscription.updated_at = now
                self._record(session, user.id, "subscription.period_changed", now)
                return False
            return True

        if not await self._change(user.id, work):
            return None
        renews = (await self.view(user.id)).auto_renew
        return await orders.checkout(user, Wish("change", "premium", period, None, renews, locale))

    async def preview_change(self, user: CurrentUser, period: Period) -> Preview | None:
        """What `change_period` would cost now; None where it would only come with the next renewal."""
        if self._orders is None:
            raise AppError(ErrorCode.PAYMENTS_UNAVAILABLE)
        current = await self._database.read(lambda session: self._of(session, user.id, lock=False).period)
        if period in {"month", current}:
            return None
        return await self._orders.preview(user, Wish("change", "premium", period))

    async def new_card(self, user: CurrentUser, locale: str) -> Checkout:
        """Another card for the next charges, saved without a charge."""
        if self._orders is None:
            raise AppError(ErrorCode.PAYMENTS_UNAVAILABLE)
        current = await self._database.read(lambda session: self._of(session, user.id, lock=False).period)
        return await self._orders.checkout(
            user, Wish("card", "premium", cast(Period, current), save_method=True, locale=locale)
        )

    async def remove_card(self, user_id: UUID) -> View:
        """Forgets the saved method: nothing can be charged any more without the person."""
        await self._wait_for_charge(user_id)

        def work(session: Session) -> View:
            lock_user(session, user_id)
            now = self._clock()
            for method in session.scalars(
                select(SavedMethod).where(SavedMethod.user_id == user_id, SavedMethod.status == "active")
            ).all():
                method.status, method.ended_at = "removed", now
            subscription = session.scalar(select(Subscription).where(Subscription.user_id == user_id).with_for_update())
            if subscription is not None:
                subscription.payment_method_id, subscription.auto_renew = None, False
                subscription.retry_at, subscription.updated_at = None, now
            self._record(session, user_id, "payment_method.removed", now)
            session.flush()
            return self._view(session, user_id)

        return await self._change(user_id, work)

    async def _change(self, user_id: UUID, work: Callable[[Session], Result]) -> Result:
        result = await self._database.write(work)
        self._announce(user_id)
        return result

    async def _wait_for_charge(self, user_id: UUID) -> None:
        """A renewal whose call is under way is decided in a moment; after that nothing more is sent."""

        def under_way(session: Session) -> bool:
            query = (
                select(Payment.id)
                .join(Order, Order.id == Payment.order_id)
                .where(Order.user_id == user_id, Order.kind == "renewal", Payment.status == "created",
                       Payment.sent_at.is_not(None), Payment.claimed_until > self._clock())
            )  # fmt: skip
            return session.scalar(query.limit(1)) is not None

        deadline = asyncio.get_running_loop().time() + _UNDER_WAY_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if not await self._database.read(under_way):
                return
            await asyncio.sleep(_GLANCE_SECONDS)

    def _of(self, session: Session, user_id: UUID, *, lock: bool = True) -> Subscription:
        if lock:
            lock_user(session, user_id)
        query = select(Subscription).where(Subscription.user_id == user_id)
        subscription = session.scalar(query.with_for_update() if lock else query)
        if subscription is None or subscription.status != "active":
            raise AppError(ErrorCode.SUBSCRIPTION_NOT_FOUND)
        return subscription

    def _view(self, session: Session, user_id: UUID) -> View:
        now = self._clock()
        subscription = session.scalar(select(Subscription).where(Subscription.user_id == user_id))
        living = grants.living(session, user_id, now)
        running = [grant for grant in living if grant.starts_at <= now]
        if subscription is None or (subscription.status != "active" and running):
            if not running:
                return View("free", "active")
            return View("premium", "active", running[0].starts_at, _last_end(living))
        method = method_of(session, subscription.payment_method_id)
        active = subscription.status == "active" and bool(running)
        renews = active and subscription.auto_renew and not subscription.cancel_at_period_end and method is not None
        first = subscription.current_period_end - self._delivery.schedule.lead
        due = subscription.retry_at if subscription.attempts else first
        grace = [grant.ends_at for grant in living if grant.kind == "grace"]
        status = "expired" if subscription.status == "active" and not running else subscription.status
        next_period = cast(Period, subscription.next_period or subscription.period)
        return View(
            plan="premium",
            status=cast(Literal["active", "canceled", "expired"], status),
            current_period_start=subscription.current_period_start,
            current_period_end=subscription.current_period_end,
            cancel_at_period_end=subscription.cancel_at_period_end,
            period=cast(Period, subscription.period),
            next_period=next_period,
            price=renewal_price(subscription, offered(session, self._plans)),
            auto_renew=renews,
            next_charge_at=due if renews and not subscription.renewal_stopped else None,
            past_due=state_of(subscription) == "past_due",
            grace_until=grace[-1] if grace else None,
            trial=bool(running) and running[0].kind == "trial",
            method_type=method.type if method is not None else None,
            method_title=method.title if method is not None else None,
        )

    def _record(self, session: Session, user_id: UUID, action: str, now: datetime) -> None:
        record(session, at=now, actor=str(user_id), action=action, user_id=user_id)


def renewal_price(subscription: Subscription, plans: Mapping[PlanId, Plan]) -> int:
    """What the person agreed to; the list price where they have asked for another period, or nobody has agreed to any."""
    if subscription.next_period in (None, subscription.period) and subscription.price:
        return subscription.price
    listed = price_of(plans["premium"], cast(Period, subscription.next_period or subscription.period))
    return listed or subscription.price  # a period that is sold no more


def _last_end(living: Sequence[Grant]) -> datetime | None:
    """None is for ever."""
    ends = [grant.ends_at for grant in living]
    return None if None in ends else max(end for end in ends if end is not None)
