"""The work that nobody waits for: open payments are asked about, notifications worked off, renewals made, letters sent.

Every job is a row that falls due, claimed by one worker (storage/claims.py); what is done now and then is a row of
periodic_jobs. So any number of workers run this loop beside each other, and none of it depends on notifications.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ai_chat.features.billing.models import Order, Payment, PeriodicJob, Refund
from ai_chat.features.billing.notifications import Notifications
from ai_chat.features.billing.payments import LEASE, Payments
from ai_chat.features.billing.ports import PaymentProvider, ProviderProblem
from ai_chat.features.billing.refunds import Refunds
from ai_chat.features.billing.renewals import Renewals
from ai_chat.features.billing.reports import of_payment
from ai_chat.features.billing.settlement import Settlement
from ai_chat.features.mail.outbox import Outbox
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.ids import parse_id
from ai_chat.storage.claims import claim_due, free
from ai_chat.storage.database import Database

LOOK_SECONDS = 1.0
SWEEP_EVERY = timedelta(minutes=2)
_SWEEP_BACK = timedelta(hours=26)
_LONG_SWEEP_EVERY = timedelta(days=1)
_LONG_SWEEP_BACK = timedelta(days=35)
"""We may have been down for days, and refunds are made of old payments too."""
_LETTERS_EVERY = timedelta(minutes=10)
_TIDY_EVERY = timedelta(days=1)

log = structlog.get_logger()


class Reconciliation:
    """What is open at the provider is asked about until it is decided, whether or not anybody tells us."""

    def __init__(
        self, database: Database, provider: PaymentProvider, payments: Payments, refunds: Refunds, settlement: Settlement,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._database = database
        self._provider = provider
        self._payments = payments
        self._refunds = refunds
        self._settlement = settlement
        self._clock = clock

    async def look_at_payments(self) -> int:
        """Payments that are due: unsent calls are made, unknown ones repeated, open ones asked about."""
        ids = await self._claimed(Payment)
        await asyncio.gather(*(self._payments.advance_all([payment_id]) for payment_id in ids))
        return len(ids)

    async def look_at_refunds(self) -> int:
        ids = await self._claimed(Refund)
        for refund_id in ids:
            await self._refunds.advance_claimed(refund_id)
        return len(ids)

    async def close_old_orders(self) -> None:
        """Orders that nobody may pay any more. (Their payments go on being asked about.)"""
        now = self._clock()
        old = Order.status == "pending", Order.kind != "renewal", Order.expires_at <= now - timedelta(minutes=5)

        def work(session: Session) -> None:
            for order in session.scalars(select(Order).where(*old).limit(50).with_for_update(skip_locked=True)).all():
                self._settlement.order_expired(session, order, "expired")

        if await self._database.read(lambda session: session.scalar(select(Order.id).where(*old).limit(1))):
            await self._database.write(work)

    async def sweep(self, back: timedelta = _SWEEP_BACK) -> None:
        """The provider's lists of recent payments and refunds, against ours: what was lost anywhere on the way is found here."""
        since = self._clock() - back
        await self._refunds.sweep(since)
        for payment in await self._provider.payments_since(since):
            ours = parse_id(payment.reference or "")
            known = await self._database.read(partial(_found, payment_id=ours))
            if known is None or known.kind != "payment":
                continue
            if known.provider_id is None or (known.status != payment.state and known.problem is None):
                await self._payments.apply(known.id, of_payment(payment))
            if payment.refunded > known.refunded:
                await self._refunds.compare(known.id, payment.id)

    async def _claimed(self, model: type[Payment] | type[Refund]) -> list[UUID]:
        now = self._clock()
        due = model.next_look_at <= now
        if not await self._database.read(
            lambda session: session.scalar(select(model.id).where(due, free(model, now)).limit(1))
        ):
            return []
        return list(
            await self._database.write(
                lambda session: claim_due(session, model, due, first=model.next_look_at, now=now, lease=LEASE)
            )
        )


class Jobs:
    """Runs everything that is due, once a second or when woken."""

    def __init__(
        self, database: Database, renewals: Renewals, outbox: Outbox, clock: Clock,
        reconciliation: Reconciliation | None, notifications: Notifications | None,
    ) -> None:  # fmt: skip
        self._database = database
        self._renewals = renewals
        self._outbox = outbox
        self._clock = clock
        self._reconciliation = reconciliation
        self._notifications = notifications
        self._woken, self._letters = asyncio.Event(), asyncio.Event()

    def wake(self) -> None:
        """Something has just fallen due."""
        self._woken.set()
        self._letters.set()

    async def run(self) -> None:
        """For ever; a task of the application's. A mail server that hangs must not keep payments waiting."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_again_and_again(self.run_due, self._woken), name="billing jobs")
            group.create_task(_again_and_again(self.send_letters, self._letters), name="outbox")

    async def send_letters(self) -> None:
        """All letters that are due now."""
        await self._safely("outbox", self._outbox.send_due)

    async def run_due(self) -> None:
        """Everything that is due now, but for letters. One job's trouble does not keep the others from running."""
        if self._notifications is not None:
            await self._safely("notifications", self._notifications.work_off)
        if self._reconciliation is not None:
            await self._safely("payments", self._reconciliation.look_at_payments)
            await self._safely("refunds", self._reconciliation.look_at_refunds)
            await self._safely("orders", self._reconciliation.close_old_orders)
            if await self._turn("sweep", SWEEP_EVERY):
                await self._safely("sweep", self._reconciliation.sweep)
            if await self._turn("long sweep", _LONG_SWEEP_EVERY):
                await self._safely("long sweep", partial(self._reconciliation.sweep, _LONG_SWEEP_BACK))
        await self._safely("renewals", self._renewals.charge_due)
        await self._safely("expiry", self._renewals.end_expired)
        if await self._turn("letters", _LETTERS_EVERY):
            await self._safely("letters", self._renewals.tell_before)
        if self._notifications is not None and await self._turn("tidy", _TIDY_EVERY):
            await self._safely("tidy", self._notifications.forget_old)

    async def _safely(self, name: str, job: Callable[[], Awaitable[object]]) -> None:
        try:
            await job()
        except ProviderProblem as problem:
            log.warning("a billing job has to wait", job=name, problem=str(problem))
        except Exception:
            log.exception("a billing job failed", job=name)

    async def _turn(self, name: str, every: timedelta) -> bool:
        """True for one worker each time the job is due."""
        now = self._clock()
        try:
            due_at = await self._database.read(
                lambda session: session.scalar(select(PeriodicJob.due_at).where(PeriodicJob.name == name))
            )
            if due_at is not None and due_at > now:
                return False
            return await self._database.write(lambda session: _take_turn(session, name, now + every, now))
        except Exception:
            log.exception("a billing job failed", job=name)
            return False


async def _again_and_again(work: Callable[[], Awaitable[None]], woken: asyncio.Event) -> None:
    while True:
        woken.clear()
        await work()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):  # wait_for may swallow its own cancellation in Python 3.11
                await woken.wait()


def _found(session: Session, payment_id: UUID | None) -> Payment | None:
    return session.get(Payment, payment_id) if payment_id is not None else None


def _take_turn(session: Session, name: str, then: datetime, now: datetime) -> bool:
    taken = session.execute(
        update(PeriodicJob)
        .where(PeriodicJob.name == name, PeriodicJob.due_at <= now)
        .values(due_at=then)
        .returning(PeriodicJob.name)
    ).one_or_none()
    if taken is not None:
        return True
    if session.get(PeriodicJob, name) is not None:
        return False
    session.add(PeriodicJob(name=name, due_at=then))
    session.flush()
    return True
