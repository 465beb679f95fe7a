"""Giving money back: by an administrator with a reason, by the rule for money that bought nothing, or in the provider's cabinet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ai_chat.features.audit.log import record
from ai_chat.features.billing.lifecycle import REFUND_FINAL
from ai_chat.features.billing.models import Order, Payment, Refund
from ai_chat.features.billing.payments import Announce
from ai_chat.features.billing.ports import KEY_LIFETIME, PaymentRefused, ProviderProblem, RefundProvider
from ai_chat.features.billing.ports import Refund as Reported
from ai_chat.features.billing.refunding import hold_refund
from ai_chat.features.billing.requests import Requests
from ai_chat.features.billing.settlement import Settlement, locked
from ai_chat.features.billing.waiting import next_look
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.claims import claim_one
from ai_chat.storage.database import Database

SMALLEST = 100
"""Kopecks; the provider gives back no less, so nothing smaller may be left either."""
_LEASE = timedelta(seconds=75)

log = structlog.get_logger()


class Refunds:
    """Asks for refunds, sends them, and asks how they stand."""

    def __init__(
        self, database: Database, provider: RefundProvider, settlement: Settlement, requests: Requests, clock: Clock,
        announce: Announce,
    ) -> None:  # fmt: skip
        self._database = database
        self._provider = provider
        self._settlement = settlement
        self._requests = requests
        self._clock = clock
        self._announce = announce

    async def request(
        self, payment_id: UUID, amount: int | None, reason: str, admin: str, request_id: UUID | None = None
    ) -> UUID:
        """An administrator's refund of `amount` kopecks, or of all that is left; REFUND_NOT_POSSIBLE where less is left.
        The same `request_id` is the same refund: a second click gives nothing back a second time.
        """
        key = str(uuid5(payment_id, str(request_id))) if request_id is not None else None

        def work(session: Session) -> UUID:
            if session.get(Payment, payment_id) is None:
                raise AppError(ErrorCode.PAYMENT_NOT_FOUND)
            order, payment = locked(session, payment_id)
            known = session.scalar(select(Refund.id).where(Refund.idempotence_key == key)) if key else None
            if known is not None:
                return known
            now = self._clock()
            wanted = amount if amount is not None else payment.amount - payment.refund_held
            refund_id = None
            left = payment.amount - payment.refund_held - wanted
            if payment.status == "succeeded" and wanted >= SMALLEST and (left == 0 or left >= SMALLEST):
                refund_id = hold_refund(session, payment, wanted, cause="admin", reason=reason, requested_by=admin,
                                        now=now, due=now, key=key)  # fmt: skip
            if refund_id is None:
                raise AppError(ErrorCode.REFUND_NOT_POSSIBLE)
            record(session, at=now, actor=admin, action="refund.requested", subject=refund_id, user_id=order.user_id,
                   details={"amount": wanted, "reason": reason, "payment": str(payment_id)})  # fmt: skip
            return refund_id

        refund_id = await self._database.write(work)
        await self.advance(refund_id)
        return refund_id

    async def advance(self, refund_id: UUID) -> None:
        """Claims the refund and does what is next: send it, or ask how it stands."""

        def claim(session: Session) -> bool:
            return claim_one(session, Refund, refund_id, now=self._clock(), lease=_LEASE)

        if await self._database.write(claim):
            await self.advance_claimed(refund_id)

    async def advance_claimed(self, refund_id: UUID) -> None:
        refund, payment, created = await self._database.write(lambda session: self._prepare(session, refund_id))
        if refund is None:
            return
        try:
            if refund.provider_id is not None:
                report = await self._provider.refund(refund.provider_id)
            else:
                report = await self._sent(refund, payment, created)
        except PaymentRefused as problem:
            if refund.provider_id is not None:
                await self._postpone(refund, problem)
                return
            log.error("a refund was refused", refund=str(refund_id), problem=str(problem))
            changed = await self._database.write(
                partial(self._settlement.refund_refused, refund_id=refund_id, reason=problem.code)
            )
            self._tell(changed)
        except ProviderProblem as problem:
            await self._postpone(refund, problem)
        else:
            await self.apply(refund_id, report)

    async def apply(self, refund_id: UUID, report: Reported) -> None:
        changed = await self._database.write(
            lambda session: self._settlement.refund_reported(session, refund_id, report)
        )
        self._tell(changed)

    async def adopt(self, payment_id: UUID, reports: Sequence[Reported]) -> None:
        """Refunds that the provider knows and we do not: somebody made them in its cabinet. The same rules hold."""
        for report in reports:
            refund_id = await self._database.write(partial(self._adopted, payment_id=payment_id, report=report))
            if refund_id is not None:
                await self.apply(refund_id, report)

    async def compare(self, payment_id: UUID, provider_payment_id: str) -> None:
        """Reads the provider's list of a payment's refunds."""
        await self.adopt(payment_id, await self._provider.refunds_of(provider_payment_id))

    async def sweep(self, since: datetime) -> None:
        """The provider's list of recent refunds, against ours."""

        def unknown(session: Session, report: Reported) -> UUID | None:
            known = session.scalar(select(Refund).where(Refund.provider_id == report.id))
            if known is not None and known.status == report.state:
                return None
            return session.scalar(select(Payment.id).where(Payment.provider_id == report.payment_id))

        for report in await self._provider.refunds_since(since):
            payment_id = await self._database.read(partial(unknown, report=report))
            if payment_id is not None:
                await self.adopt(payment_id, [report])

    async def look_up(self, provider_refund_id: str) -> Reported:
        return await self._provider.refund(provider_refund_id)

    def _prepare(self, session: Session, refund_id: UUID) -> tuple[Refund | None, Payment, datetime]:
        refund = session.get_one(Refund, refund_id, with_for_update=True)
        payment = session.get_one(Payment, refund.payment_id)
        now = self._clock()
        if refund.status in REFUND_FINAL and refund.receipt_status != "pending":
            refund.claimed_until = refund.next_look_at = None
            return None, payment, now
        if refund.provider_id is None and not refund.request:
            assert payment.provider_id is not None
            order = session.get_one(Order, payment.order_id)
            refund.request = self._requests.refund(order, refund.id, payment.provider_id, refund.amount, refund.reason)
        first = refund.sent_at is None
        if refund.provider_id is None and first:
            refund.sent_at = now
        return refund, payment, now if first else refund.sent_at or now

    async def _sent(self, refund: Refund, payment: Payment, sent_at: datetime) -> Reported:
        """The call, or what became of it where the provider may have forgotten its key."""
        if self._clock() - sent_at > KEY_LIFETIME - timedelta(hours=1) and payment.provider_id is not None:
            for report in await self._provider.refunds_of(payment.provider_id):
                if report.reference == str(refund.id):
                    return report
        return await self._provider.give_back(refund.idempotence_key, refund.request)

    async def _postpone(self, refund: Refund, problem: ProviderProblem) -> None:
        now = self._clock()
        due = next_look(refund.created_at, now) or now + timedelta(days=1)
        if problem.retry_after is not None:
            due = max(due, now + problem.retry_after)
        change = update(Refund).where(Refund.id == refund.id).values(claimed_until=None, next_look_at=due)
        await self._database.write(lambda session: session.execute(change))
        log.warning("a refund's state is not known yet", refund=str(refund.id), problem=str(problem))

    def _adopted(self, session: Session, payment_id: UUID, report: Reported) -> UUID | None:
        _, payment = locked(session, payment_id)
        known = session.scalar(select(Refund).where(Refund.provider_id == report.id))
        if known is None and report.reference is not None:
            ours = select(Refund).where(Refund.payment_id == payment_id, Refund.provider_id.is_(None))
            known = next((refund for refund in session.scalars(ours).all() if str(refund.id) == report.reference), None)
        if known is not None:
            return known.id if known.status not in REFUND_FINAL else None
        if report.state == "canceled":
            return None
        now = self._clock()
        return hold_refund(session, payment, report.amount, cause="provider", reason="Made at the provider's",
                           requested_by="provider", now=now, due=None)  # fmt: skip

    def _tell(self, people: set[UUID]) -> None:
        for user_id in people:
            self._announce(user_id)
