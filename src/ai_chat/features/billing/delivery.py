"""Giving what was paid for, and taking it back: the effects of an order on grants, the subscription and saved methods.

Everything here runs inside settlement's transaction, with the person locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.billing import grants
from ai_chat.features.billing.dunning import Attempt, Decision, Schedule, after_decline
from ai_chat.features.billing.letters import Letters
from ai_chat.features.billing.lifecycle import SubscriptionEvent, SubscriptionState, subscription_after
from ai_chat.features.billing.models import Grant, Order, Payment, SavedMethod, Subscription
from ai_chat.features.billing.periods import Period, anchor_day, period_end
from ai_chat.features.billing.ports import SavedMethod as ReportedMethod
from ai_chat.kernel.ids import new_id


def state_of(subscription: Subscription) -> SubscriptionState:
    """The machine's state, as the contract's columns hold it."""
    if subscription.status != "active":
        return "expired" if subscription.status == "expired" else "canceled"
    if subscription.cancel_at_period_end:
        return "canceling"
    return "past_due" if subscription.past_due else "active"


def move(subscription: Subscription, event: SubscriptionEvent, now: datetime) -> SubscriptionState:
    """Lets `event` happen to the subscription; its new state."""
    state = subscription_after(state_of(subscription), event)
    subscription.status = state if state in ("expired", "canceled") else "active"
    subscription.cancel_at_period_end = state == "canceling"
    subscription.past_due = state == "past_due"
    if state in ("expired", "canceled", "canceling"):
        subscription.retry_at = None
    subscription.updated_at = now
    return state


@dataclass(frozen=True, slots=True)
class Delivery:
    """The rules of what an order gives."""

    zone: ZoneInfo
    schedule: Schedule
    letters: Letters

    def reference(self, order: Order) -> str:
        """What a grant is recorded for: all attempts to renew one period are for the same."""
        if order.kind == "renewal":
            assert order.period_start is not None
            return f"renewal:{order.subscription_id}:{order.period_start.isoformat()}"
        return f"order:{order.id}"

    def deliver(
        self, session: Session, order: Order, payment: Payment | None, method: ReportedMethod | None, now: datetime
    ) -> None:
        """Gives what the order is for. `payment` is None where nothing was to be paid."""
        user_id = order.user_id
        assert user_id is not None
        saved = self._saved(session, order, user_id, method, now)
        subscription = session.scalar(select(Subscription).where(Subscription.user_id == user_id).with_for_update())
        if order.kind == "card":
            self._new_card(subscription, saved, now)
            return
        living = grants.living(session, user_id, now)
        starts_at = self._start(order, subscription, living, now)
        if order.kind == "change":
            exchanged = [grant for grant in living if grant.kind in ("payment", "grace")]
            grants.revoke(session, exchanged, now, f"Exchanged by order {order.id}")
        anchor = subscription.anchor_day if subscription is not None and order.kind == "renewal" else None
        kind, ends_at = self._stretch(order, starts_at, anchor)
        grants.give(
            session, user_id, self.reference(order), kind, starts_at=starts_at, ends_at=ends_at, now=now,
            order_id=order.id, payment_id=payment.id if payment is not None and payment.amount else None,
        )  # fmt: skip
        if order.kind in ("purchase", "renewal") and order.amount and order.free_days:
            given = grants.give(session, user_id, f"promo:{order.id}", "promo", starts_at=ends_at,
                                ends_at=ends_at + timedelta(days=order.free_days), now=now, order_id=order.id)  # fmt: skip
            ends_at = cast(datetime, given.ends_at)
        grace = [grant for grant in grants.living(session, user_id, now) if grant.kind == "grace"]
        grants.revoke(session, grace, now, "The period was paid.")
        self._renew(session, order, payment, saved, subscription, starts_at, ends_at, now)
        grants.renew_tier(session, user_id, now)
        kinds = {"renewal": "renewed", "trial": "trial"}
        self.letters.queue(session, kinds.get(order.kind, "paid"), order.id, user_id, order.locale, now=now,
                           amount=order.price if order.kind == "trial" else order.amount, until=ends_at)  # fmt: skip

    def end_of(self, session: Session, order: Order, now: datetime) -> datetime:
        """Until when `order`, were it paid now, would give Premium."""
        subscription = session.scalar(select(Subscription).where(Subscription.user_id == order.user_id))
        living = grants.living(session, cast(UUID, order.user_id), now)
        _, ends_at = self._stretch(order, self._start(order, subscription, living, now), None)
        return ends_at + timedelta(days=order.free_days if order.kind == "purchase" and order.amount else 0)

    def take_back(self, session: Session, order: Order, now: datetime) -> None:
        """A full refund: what the order gave ends at once, and nothing is charged again."""
        user_id = order.user_id
        given = session.scalars(select(Grant).where(Grant.order_id == order.id, Grant.revoked_at.is_(None))).all()
        grants.revoke(session, given, now, "Refunded in full.")
        if user_id is None:
            return
        subscription = session.scalar(select(Subscription).where(Subscription.user_id == user_id).with_for_update())
        grace = [grant for grant in grants.living(session, user_id, now) if grant.kind == "grace"]
        grants.revoke(session, grace, now, "Refunded in full.")
        premium = grants.renew_tier(session, user_id, now)
        if subscription is None or subscription.status != "active":
            return
        subscription.canceled_at, subscription.updated_at = now, now
        if premium:  # something else that was bought or given is still running
            subscription.current_period_end = grants.end_of_time(grants.living(session, user_id, now), now)
            move(subscription, SubscriptionEvent.CANCEL, now)
        else:
            subscription.current_period_end = min(subscription.current_period_end, now)
            move(subscription, SubscriptionEvent.REFUNDED, now)

    def renewal_failed(self, session: Session, order: Order, now: datetime) -> None:
        """A renewal was declined: grace begins, and the reasons say what comes next."""
        subscription = session.scalar(
            select(Subscription).where(Subscription.id == order.subscription_id).with_for_update()
        )
        if subscription is None or order.period_start is None or subscription.current_period_end != order.period_start:
            return
        state = move(subscription, SubscriptionEvent.RENEWAL_FAILED, now)
        if state != "past_due":
            return
        reason = order.reason or "general_decline"
        decision = after_decline(_attempts(session, order), self.schedule)
        if reason == "recurring_forbidden":
            decision, subscription.auto_renew = Decision("stop"), False
        subscription.retry_at = decision.at
        subscription.renewal_stopped = decision.kind == "stop"
        if decision.forget_method:
            self._forget_method(session, subscription, now)
        until = self.grace(session, subscription, now)
        kind = "retry" if decision.kind == "retry" else "new_card" if subscription.auto_renew else "ends_soon"
        self.letters.queue(session, kind, order.id, subscription.user_id, subscription.locale, now=now,
                           amount=order.amount, until=until)  # fmt: skip

    def tell_refunded(self, session: Session, order: Order, refund_id: UUID, amount: int, now: datetime) -> None:
        if order.user_id is not None:
            self.letters.queue(session, "refunded", refund_id, order.user_id, order.locale, now=now, amount=amount)

    def grace(self, session: Session, subscription: Subscription, now: datetime) -> datetime:
        """Premium while a renewal is being tried; until when."""
        start = subscription.current_period_end
        until, reference = start + self.schedule.grace, f"grace:{subscription.id}:{start.isoformat()}"
        if until > now and not grants.is_given(session, reference):
            grants.give(session, subscription.user_id, reference, "grace", starts_at=start, ends_at=until, now=now)
            grants.renew_tier(session, subscription.user_id, now)
        return until

    def _forget_method(self, session: Session, subscription: Subscription, now: datetime) -> None:
        method = session.get(SavedMethod, subscription.payment_method_id) if subscription.payment_method_id else None
        if method is not None:
            method.status, method.ended_at = "revoked", now
        subscription.payment_method_id = None

    def _start(
        self, order: Order, subscription: Subscription | None, living: Sequence[Grant], now: datetime
    ) -> datetime:
        if order.kind == "renewal":
            assert order.period_start is not None
            late = subscription is None or subscription.status != "active"
            return now if late else order.period_start
        if order.kind == "change":
            return grants.end_of_time([grant for grant in living if grant.kind != "payment"], now)
        if subscription is not None and state_of(subscription) == "past_due":
            return subscription.current_period_end  # the overdue period is the one that is paid
        return grants.end_of_time(living, now)

    def _stretch(self, order: Order, starts_at: datetime, anchor: int | None) -> tuple[grants.GrantKind, datetime]:
        if order.kind == "trial":
            return "trial", starts_at + timedelta(days=order.free_days)
        if order.amount == 0 and order.free_days:
            return "promo", starts_at + timedelta(days=order.free_days)
        end = period_end(starts_at, cast(Period, order.period), self.zone, anchor)
        return ("payment" if order.amount else "promo"), end

    def _saved(
        self, session: Session, order: Order, user_id: UUID, method: ReportedMethod | None, now: datetime
    ) -> SavedMethod | None:
        """The method of this payment, where the person agreed to have it kept and the provider has kept it."""
        if method is None or not method.reusable or not order.save_method:
            return None
        for old in session.scalars(
            select(SavedMethod).where(SavedMethod.user_id == user_id, SavedMethod.status == "active")
        ).all():
            old.status, old.ended_at = "removed", now
        found = session.scalar(
            select(SavedMethod).where(SavedMethod.user_id == user_id, SavedMethod.provider_id == method.id)
        )
        if found is None:
            found = SavedMethod(id=new_id(), user_id=user_id, provider_id=method.id, created_at=now)
            session.add(found)
        found.type, found.title, found.status, found.ended_at = method.type[:40], method.title[:255], "active", None
        found.order_id, found.consent_at = order.id, order.consent_at or now
        session.flush()
        return found

    def _new_card(self, subscription: Subscription | None, saved: SavedMethod | None, now: datetime) -> None:
        if subscription is None or saved is None:
            return
        subscription.payment_method_id, subscription.auto_renew, subscription.updated_at = saved.id, True, now
        if subscription.past_due:  # the overdue renewal is tried with it at once
            subscription.renewal_stopped, subscription.retry_at = False, now

    def _renew(
        self, session: Session, order: Order, payment: Payment | None, saved: SavedMethod | None,
        subscription: Subscription | None, starts_at: datetime, ends_at: datetime, now: datetime,
    ) -> None:  # fmt: skip
        if subscription is None:
            subscription = Subscription(
                id=new_id(), user_id=order.user_id, plan=order.plan, status="active", current_period_start=starts_at,
                cancel_at_period_end=False, past_due=False, renewal_stopped=False, auto_renew=False, attempts=0, created_at=now,
            )  # fmt: skip
            session.add(subscription)
        fresh = subscription.status != "active" or starts_at <= now or order.kind == "change"
        if fresh or subscription.current_period_end <= now:
            subscription.current_period_start = starts_at
        subscription.current_period_end = ends_at
        if order.kind == "renewal":
            if subscription.status == "active":
                move(subscription, SubscriptionEvent.PAID, now)
            subscription.next_period = None
        else:
            subscription.status, subscription.cancel_at_period_end, subscription.past_due = "active", False, False
            subscription.canceled_at, subscription.next_period = None, None
            subscription.anchor_day = anchor_day(starts_at if order.amount else ends_at, self.zone)
            if saved is not None:
                subscription.payment_method_id, subscription.auto_renew = saved.id, True
            elif order.kind == "purchase":
                subscription.auto_renew = subscription.auto_renew and subscription.payment_method_id is not None
        subscription.plan, subscription.period, subscription.price = order.plan, order.period, order.price
        subscription.locale, subscription.updated_at = order.locale, now
        subscription.attempts, subscription.retry_at, subscription.renewal_stopped = 0, None, False
        if payment is not None and payment.amount:
            subscription.yookassa_payment_id = payment.provider_id
        session.flush()


def _attempts(session: Session, order: Order) -> list[Attempt]:
    query = (
        select(Order)
        .where(
            Order.subscription_id == order.subscription_id, Order.period_start == order.period_start,
            Order.status == "canceled",
        )
        .order_by(Order.attempt)
    )  # fmt: skip
    return [Attempt(found.created_at, found.reason or "general_decline") for found in session.scalars(query).all()]
