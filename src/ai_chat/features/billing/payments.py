"""Talking to the provider about one payment: the call that was written down is made, and how it stands is asked.

No transaction is open during a call. A payment is claimed before, so that of several workers one asks; what comes back goes
through settlement. Where the outcome of a call is unknown the very same call is made again, for as long as the provider
remembers its key; an older one is looked up first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ai_chat.features.billing.lifecycle import PAYMENT_FINAL
from ai_chat.features.billing.models import Order, Payment, SavedMethod, Subscription
from ai_chat.features.billing.ports import (
    KEY_LIFETIME,
    BindingProvider,
    CredentialsRejected,
    KeyReused,
    MethodGone,
    NotKnown,
    PaymentProvider,
    PaymentRefused,
    ProviderProblem,
    RecurringForbidden,
)
from ai_chat.features.billing.reports import Report, of_binding, of_payment
from ai_chat.features.billing.requests import Requests
from ai_chat.features.billing.settlement import Settlement
from ai_chat.features.billing.waiting import next_look
from ai_chat.kernel.clock import Clock
from ai_chat.storage.claims import claim_one
from ai_chat.storage.database import Database

LEASE = timedelta(seconds=75)
"""Longer than a call may take."""
_KEY_MARGIN = timedelta(hours=1)
_LOOK_BACK = timedelta(minutes=10)
_GIVE_UP_UNSENT = timedelta(minutes=5)

Announce = Callable[[UUID], None]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Known:
    """What a call needs to know of its payment."""

    id: UUID
    kind: str
    key: str
    request: str
    provider_id: str | None
    created_at: datetime
    sent_at: datetime | None
    unwanted: bool
    """A renewal that the person canceled meanwhile: it is looked for, never sent."""


class Payments:
    """Sends payments and asks how they stand."""

    def __init__(
        self,
        database: Database,
        provider: PaymentProvider,
        bindings: BindingProvider,
        settlement: Settlement,
        requests: Requests,
        clock: Clock,
        announce: Announce,
    ) -> None:
        self._database = database
        self._provider = provider
        self._bindings = bindings
        self._settlement = settlement
        self._requests = requests
        self._clock = clock
        self._announce = announce

    async def advance(self, payment_id: UUID) -> None:
        """Claims the payment and does what is next: send it, find out what became of the call, or ask how it stands."""
        known = await self._database.write(lambda session: self._claim(session, payment_id))
        if known is not None:
            await self.advance_claimed(known)

    async def look_now(self, payment_id: UUID) -> None:
        """Asks how a payment stands, whoever else may be asking: what a notification announces must not be missed."""
        known = await self._database.write(lambda session: self._read(session, payment_id))
        if known is not None and known.provider_id is not None:
            await self.advance_claimed(known)

    async def advance_all(self, payment_ids: list[UUID]) -> None:
        """The same for payments that are claimed already."""
        for payment_id in payment_ids:
            known = await self._database.write(partial(self._read, payment_id=payment_id))
            if known is not None:
                await self.advance_claimed(known)

    async def advance_claimed(self, known: _Known) -> None:
        now = self._clock()
        try:
            if known.provider_id is not None:
                report = await self._ask(known.kind, known.provider_id)
            elif known.unwanted or (known.sent_at is not None and now - known.created_at > KEY_LIFETIME - _KEY_MARGIN):
                found = await self._search(known)
                if found is None:
                    await self._not_found(known, now)
                    return
                report = found
            else:
                report = await self._send(known)
        except PaymentRefused as problem:
            await self._refused(known, problem)
        except ProviderProblem as problem:
            await self._postpone(known, problem)
        else:
            await self.apply(known.id, report)

    def tell(self, user_id: UUID) -> None:
        """Tells the person's open pages that their subscription is another one now."""
        self._announce(user_id)

    async def apply(self, payment_id: UUID, report: Report) -> None:
        """Settles a report, then tells the person's open pages."""
        changed = await self._database.write(
            lambda session: self._settlement.payment_reported(session, payment_id, report)
        )
        for user_id in changed:
            self._announce(user_id)

    async def _send(self, known: _Known) -> Report:
        if known.kind == "binding":
            return of_binding(await self._bindings.bind(known.key, known.request))
        try:
            return of_payment(await self._provider.pay(known.key, known.request))
        except KeyReused:
            found = await self._search(known)
            if found is None:
                raise
            return found

    async def _ask(self, kind: str, provider_id: str) -> Report:
        if kind == "binding":
            return of_binding(await self._bindings.binding(provider_id))
        return of_payment(await self._provider.payment(provider_id))

    async def _search(self, known: _Known) -> Report | None:
        """Our payment in the provider's list, by the reference that we sent with it."""
        if known.kind == "binding":
            return None
        for payment in await self._provider.payments_since(known.created_at - _LOOK_BACK):
            if payment.reference == str(known.id):
                return of_payment(payment)
        return None

    def _claim(self, session: Session, payment_id: UUID) -> _Known | None:
        if not claim_one(session, Payment, payment_id, now=self._clock(), lease=LEASE):
            return None
        return self._read(session, payment_id)

    def _read(self, session: Session, payment_id: UUID) -> _Known | None:
        """What there is to do for a claimed payment. That it is sent now is written down before it is."""
        payment = session.get_one(Payment, payment_id)
        order = session.get_one(Order, payment.order_id, with_for_update=True)
        session.refresh(payment, with_for_update=True)
        now = self._clock()
        if payment.status in PAYMENT_FINAL and (payment.provider_id is None or payment.receipt_status != "pending"):
            payment.claimed_until = payment.next_look_at = None
            return None
        unwanted = payment.provider_id is None and order.kind == "renewal" and self._is_canceled(session, order)
        if unwanted and payment.sent_at is None:
            self._settlement.payment_refused(session, payment_id, "canceled_by_user")
            return None
        known = _Known(
            payment.id, payment.kind, payment.idempotence_key, payment.request, payment.provider_id, payment.created_at,
            payment.sent_at, unwanted,
        )  # fmt: skip
        if payment.provider_id is None and payment.sent_at is None:
            payment.sent_at = now
        return known

    def _is_canceled(self, session: Session, order: Order) -> bool:
        query = select(Subscription).where(Subscription.id == order.subscription_id)
        subscription = session.scalar(query)
        return subscription is None or subscription.cancel_at_period_end or subscription.status != "active"

    async def _postpone(self, known: _Known, problem: ProviderProblem) -> None:
        """Nothing is known yet: later, the same again."""
        now = self._clock()
        if isinstance(problem, CredentialsRejected):
            log.error("the payment provider rejects YOOKASSA_SHOP_ID or YOOKASSA_SECRET_KEY", payment=str(known.id))
        due = next_look(known.created_at, now) or now + timedelta(days=1)
        if problem.retry_after is not None:
            due = max(due, now + problem.retry_after)
        change = update(Payment).where(Payment.id == known.id).values(
            claimed_until=None, next_look_at=due, looks=Payment.looks + 1
        )  # fmt: skip
        await self._database.write(lambda session: session.execute(change))
        log.warning("a payment's state is not known yet", payment=str(known.id), problem=str(problem))

    async def _not_found(self, known: _Known, now: datetime) -> None:
        """The provider's list does not have it. It is believed after a while: the call may still be under way there."""
        if known.sent_at is not None and now - known.sent_at > _GIVE_UP_UNSENT:
            await self._close(known, "never_arrived")
        else:
            change = update(Payment).where(Payment.id == known.id).values(
                claimed_until=None, next_look_at=now + timedelta(minutes=1)
            )  # fmt: skip
            await self._database.write(lambda session: session.execute(change))

    async def _refused(self, known: _Known, problem: PaymentRefused) -> None:
        log.warning("the payment provider refused a call", payment=str(known.id), problem=str(problem))
        if known.provider_id is not None:  # asking about it was refused, which decides nothing
            await self._postpone(known, problem)
        elif isinstance(problem, RecurringForbidden) and known.kind == "payment":
            if not await self._without_saving(known):
                await self._close(known, "recurring_forbidden")
        elif isinstance(problem, MethodGone):
            await self._close(known, "method_not_found")
        else:
            await self._close(known, "not_known" if isinstance(problem, NotKnown) else problem.code)

    async def _close(self, known: _Known, reason: str) -> None:
        changed = await self._database.write(
            lambda session: self._settlement.payment_refused(session, known.id, reason)
        )
        for user_id in changed:
            self._announce(user_id)

    async def _without_saving(self, known: _Known) -> bool:
        """The shop may not keep cards: the same order is paid once, by a payment with a key of its own."""

        def work(session: Session) -> UUID | None:
            payment = session.get_one(Payment, known.id)
            order = session.get_one(Order, payment.order_id, with_for_update=True)
            if order.kind not in ("purchase", "change") or not order.save_method or order.status != "pending":
                return None
            self._requests.shop_is_recurring = False
            order.save_method = False
            fresh = self._requests.payment(order, now=self._clock())
            session.add(fresh)
            session.flush()
            self._settlement.payment_refused(session, known.id, "recurring_forbidden")
            return fresh.id

        fresh_id = await self._database.write(work)
        if fresh_id is None:
            return False
        log.warning("this shop may not save payment methods: people pay each period themselves")
        await self.advance(fresh_id)
        return True


def method_of(session: Session, method_id: UUID | None) -> SavedMethod | None:
    """The saved method, where it can still be charged."""
    method = session.get(SavedMethod, method_id) if method_id is not None else None
    return method if method is not None and method.status == "active" else None
