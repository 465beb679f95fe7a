"""Renewals and their end: subscriptions that fall due are charged, ended ones expire, people are told before either.

A renewal is an order whose (subscription, period, attempt) is unique in the database and whose idempotence key is made of
the three, so that no crash, restart or second worker can charge a period twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.audit.log import SYSTEM, record
from ai_chat.features.billing import grants
from ai_chat.features.billing.delivery import Delivery, move
from ai_chat.features.billing.lifecycle import SubscriptionEvent
from ai_chat.features.billing.models import Order, Subscription
from ai_chat.features.billing.payments import Announce, Payments, method_of
from ai_chat.features.billing.prices import offered
from ai_chat.features.billing.requests import Requests
from ai_chat.features.billing.subscriptions import renewal_price
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.money import CURRENCY
from ai_chat.storage.claims import claim_due, free
from ai_chat.storage.database import Database

_LEASE = timedelta(seconds=75)
_TOLD_BEFORE = (timedelta(days=3), timedelta(days=1))
_BATCH = 50


class Renewals:
    """Jobs of subscriptions; any worker may run them. `charging` is None where no provider is set."""

    def __init__(
        self, database: Database, plans: Mapping[PlanId, Plan], delivery: Delivery, clock: Clock, announce: Announce,
        charging: tuple[Payments, Requests] | None,
    ) -> None:  # fmt: skip
        self._database = database
        self._plans = plans
        self._delivery = delivery
        self._clock = clock
        self._announce = announce
        self._charging = charging

    async def charge_due(self) -> int:
        """Charges subscriptions whose time has come; how many."""
        if self._charging is None:
            return 0
        now = self._clock()
        due = self._due(now)
        if not await self._database.read(
            lambda session: session.scalar(select(Subscription.id).where(due, free(Subscription, now)).limit(1))
        ):
            return 0
        claimed = await self._database.write(
            lambda session: claim_due(
                session, Subscription, due, first=Subscription.current_period_end, now=now, lease=_LEASE
            )
        )
        payments, requests = self._charging
        charged = 0
        for subscription_id in claimed:
            payment_id = await self._database.write(
                partial(self._begin, subscription_id=subscription_id, requests=requests)
            )
            if payment_id is not None:
                charged += 1
                await payments.advance(payment_id)
        return charged

    async def end_expired(self) -> int:
        """Brings people whose time is over back to the free plan; how many."""
        now, grace = self._clock(), self._delivery.schedule.grace

        def ended(session: Session) -> Sequence[UUID]:
            over = and_(
                Subscription.status == "active",
                or_(
                    Subscription.current_period_end <= now - grace,
                    and_(
                        Subscription.current_period_end <= now,
                        or_(Subscription.auto_renew.is_(False), Subscription.cancel_at_period_end.is_(True)),
                    ),
                ),
            )
            people = select(Subscription.user_id).where(over).limit(_BATCH)
            lapsed = (
                select(User.id)
                .where(User.subscription_tier == "premium", User.subscription_expires_at.is_not(None),
                       User.subscription_expires_at <= now)
                .limit(_BATCH)
            )  # fmt: skip
            return [*session.scalars(people).all(), *session.scalars(lapsed).all()]

        people = set(await self._database.read(ended))
        for user_id in people:
            await self._database.write(partial(self._end, user_id=user_id))
            self._announce(user_id)
        return len(people)

    async def tell_before(self) -> None:
        """Letters some days before a period ends: that it will be charged, or that it will be over."""
        now = self._clock()

        def work(session: Session) -> None:
            soon = select(Subscription).where(
                Subscription.status == "active", Subscription.cancel_at_period_end.is_(False),
                Subscription.current_period_end > now, Subscription.current_period_end <= now + _TOLD_BEFORE[0],
                Subscription.attempts == 0,
            )  # fmt: skip
            for subscription in session.scalars(soon).all():
                self._tell(session, subscription, now)

        await self._database.write(work)

    def _due(self, now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202 - SQLAlchemy's type is longer than the method
        schedule = self._delivery.schedule
        return and_(
            Subscription.status == "active",
            Subscription.auto_renew.is_(True),
            Subscription.cancel_at_period_end.is_(False),
            Subscription.renewal_stopped.is_(False),
            Subscription.payment_method_id.is_not(None),
            Subscription.current_period_end > now - schedule.grace,
            or_(
                and_(Subscription.attempts == 0, Subscription.current_period_end <= now + schedule.lead),
                Subscription.retry_at <= now,
            ),
        )

    def _begin(self, session: Session, subscription_id: UUID, requests: Requests) -> UUID | None:
        """Writes the next attempt down, under the person's lock, if it is still wanted and no other is undecided."""
        found = session.get_one(Subscription, subscription_id)
        lock_user(session, found.user_id)
        now = self._clock()
        session.refresh(found, with_for_update=True)
        found.claimed_until = None
        still = session.scalar(select(Subscription.id).where(Subscription.id == subscription_id, self._due(now)))
        method = method_of(session, found.payment_method_id)
        undecided = select(Order.id).where(
            Order.subscription_id == found.id, Order.kind == "renewal", Order.status == "pending"
        )
        paying = select(Order.id).where(Order.open_for == found.user_id, Order.expires_at > now)
        if still is None or method is None or session.scalar(undecided.limit(1)) is not None:
            return None
        if found.past_due and session.scalar(paying.limit(1)) is not None:
            return None  # the person is just paying it themselves
        found.attempts, found.retry_at, found.updated_at = found.attempts + 1, None, now
        price = renewal_price(found, offered(session, self._plans))
        email = session.scalar(select(User.email).where(User.id == found.user_id))
        order = Order(
            id=new_id(), user_id=found.user_id, kind="renewal", status="pending", plan=found.plan,
            period=found.next_period or found.period, price=price, discount=0, credit=0, amount=price, currency=CURRENCY,
            free_days=0, save_method=False, email=email or "", locale=found.locale, subscription_id=found.id,
            period_start=found.current_period_end, attempt=found.attempts, created_at=now, updated_at=now,
            expires_at=now + timedelta(hours=1),
        )  # fmt: skip
        session.add(order)
        session.flush()
        key = uuid5(found.id, f"{found.current_period_end.isoformat()}:{found.attempts}")
        payment = requests.payment(order, now=now, saved_method=method.provider_id, key=str(key))
        session.add(payment)
        record(session, at=now, actor=SYSTEM, action="renewal.attempted", subject=order.id, user_id=found.user_id,
               details={"attempt": found.attempts, "amount": price})  # fmt: skip
        session.flush()
        return payment.id

    def _end(self, session: Session, user_id: UUID) -> None:
        lock_user(session, user_id)
        now = self._clock()
        subscription = session.scalar(select(Subscription).where(Subscription.user_id == user_id).with_for_update())
        if subscription is not None and self._waits_for_charge(session, subscription, now):
            self._delivery.grace(session, subscription, now)
        premium = grants.renew_tier(session, user_id, now)
        if subscription is None or subscription.status != "active" or subscription.current_period_end > now:
            return
        if premium:
            last = grants.end_of_time(grants.living(session, user_id, now), now)
            if last > subscription.current_period_end and not subscription.past_due:
                subscription.current_period_end = last
            return
        move(subscription, SubscriptionEvent.TIME_OVER, now)
        record(session, at=now, actor=SYSTEM, action="subscription.expired", subject=subscription.id, user_id=user_id)
        self._delivery.letters.queue(
            session, "expired", f"{subscription.id}:{subscription.current_period_end.isoformat()}", user_id,
            subscription.locale, now=now,
        )  # fmt: skip

    def _waits_for_charge(self, session: Session, subscription: Subscription, now: datetime) -> bool:
        """A renewal that is due or under way is let decide, for as long as a failed one would be: nobody loses Premium because
        we were down, the provider was, or many renewals are due at once.
        """
        ends = subscription.current_period_end
        if self._charging is None or not ends <= now < ends + self._delivery.schedule.grace:
            return False
        if subscription.status != "active" or subscription.cancel_at_period_end:
            return False
        under_way = select(Order.id).where(
            Order.subscription_id == subscription.id, Order.kind == "renewal", Order.status == "pending"
        )
        due = select(Subscription.id).where(Subscription.id == subscription.id, self._due(now))
        return session.scalar(due) is not None or session.scalar(under_way.limit(1)) is not None

    def _tell(self, session: Session, subscription: Subscription, now: datetime) -> None:
        left = subscription.current_period_end - now
        renews = subscription.auto_renew and method_of(session, subscription.payment_method_id) is not None
        days = 1 if left <= _TOLD_BEFORE[1] and not renews else 3
        self._delivery.letters.queue(
            session, "renewal_soon" if renews else "ends_soon",
            f"{subscription.id}:{subscription.current_period_end.isoformat()}:{days}", subscription.user_id,
            subscription.locale, now=now, amount=renewal_price(subscription, offered(session, self._plans)),
            until=subscription.current_period_end,
        )  # fmt: skip
