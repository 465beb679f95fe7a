"""Where reports become facts: one transaction, under the person's lock, folds a report through the state machines of
lifecycle.py and does what they say. Every report about money comes through here, from whatever side it arrived.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.audit.log import SYSTEM, record
from ai_chat.features.billing import grants, ledger
from ai_chat.features.billing.delivery import Delivery
from ai_chat.features.billing.lifecycle import (
    PAYMENT_FINAL,
    REFUND_FINAL,
    Circumstances,
    Effect,
    OrderStatus,
    PaymentStatus,
    RefundStatus,
    order_closed,
    order_paid,
    order_refunded,
    payment_after,
    refund_after,
)
from ai_chat.features.billing.models import Grant, Order, Payment, PromoCode, PromoUse, Refund, Subscription
from ai_chat.features.billing.ports import Refund as ReportedRefund
from ai_chat.features.billing.refunding import RefundCause, hold_refund
from ai_chat.features.billing.reports import Report, mismatch
from ai_chat.features.billing.waiting import next_look
from ai_chat.kernel.clock import Clock

MISMATCH = "mismatch"
"""Why a payment whose amount was another than its order's came to nothing."""
_MISMATCH_BELIEVED = timedelta(minutes=10)
_RECEIPT_PATIENCE = timedelta(days=3)
_REFUND_AGAIN = timedelta(hours=1)

log = structlog.get_logger()


class Settlement:
    """Applies reports. Its methods run inside a caller's transaction and return whom to tell that something changed."""

    def __init__(self, delivery: Delivery, shop_id: str, clock: Clock, *, live: bool) -> None:
        self._delivery = delivery
        self._shop_id = shop_id
        self._clock = clock
        self._live = live

    def payment_reported(self, session: Session, payment_id: UUID, report: Report) -> set[UUID]:
        """The provider has said how a payment stands."""
        order, payment, now = *locked(session, payment_id), self._clock()
        wrong = mismatch(payment, report, self._shop_id, live=self._live)
        if wrong is not None:
            return self._mismatched(session, order, payment, report, wrong, now)
        if payment.problem is not None and payment.reason != MISMATCH:
            payment.problem = None  # what was said before was a mistake of the provider's
            record(session, at=now, actor=SYSTEM, action="payment.matches", subject=payment.id, user_id=order.user_id)
        if report.receipt == "canceled" and payment.receipt_status != "canceled":
            self._alert(session, "receipt.failed", payment.id, order.user_id, {}, now)
        self._describe(payment, report, now)
        before: PaymentStatus = payment.status  # type: ignore[assignment]  # the column holds nothing else
        payment.status, effects = payment_after(before, report.status)
        changed = self._do(session, effects, order, payment, report, now)
        self._schedule(payment, now)
        return changed

    def payment_refused(self, session: Session, payment_id: UUID, reason: str) -> set[UUID]:
        """The provider would not open it, and never will; or we have given it up before it was ever sent."""
        order, payment, now = *locked(session, payment_id), self._clock()
        before: PaymentStatus = payment.status  # type: ignore[assignment]
        payment.status, effects = payment_after(before, "refused")
        if not effects:
            return set()
        payment.reason, payment.updated_at, payment.next_look_at, payment.claimed_until = reason[:64], now, None, None
        return self._do(session, effects, order, payment, None, now)

    def order_expired(self, session: Session, order: Order, reason: str) -> None:
        """Nobody is asked to pay it any more. Its payment goes on being watched: it may still succeed."""
        order.status, effects = order_closed(order.status)  # type: ignore[arg-type]
        if effects:
            self._close(session, order, reason, self._clock())

    def refund_reported(self, session: Session, refund_id: UUID, report: ReportedRefund) -> set[UUID]:
        """The provider has said how a refund stands."""
        refund = session.get_one(Refund, refund_id)
        order, payment, now = *locked(session, refund.payment_id), self._clock()
        session.refresh(refund, with_for_update=True)
        if report.receipt == "canceled" and refund.receipt_status != "canceled":
            self._alert(session, "receipt.failed", refund.id, order.user_id, {}, now)
        refund.provider_id, refund.receipt_status = report.id, report.receipt
        state: RefundStatus = report.state
        return self._refund_moved(session, refund, state, report.reason, order, payment, now)

    def refund_refused(self, session: Session, refund_id: UUID, reason: str) -> set[UUID]:
        """The provider would not make it."""
        refund = session.get_one(Refund, refund_id)
        order, payment, now = *locked(session, refund.payment_id), self._clock()
        session.refresh(refund, with_for_update=True)
        return self._refund_moved(session, refund, "refused", reason, order, payment, now)

    def _refund_moved(
        self, session: Session, refund: Refund, reported: RefundStatus, reason: str | None, order: Order,
        payment: Payment, now: datetime,
    ) -> set[UUID]:  # fmt: skip
        before = refund.status
        refund.status, effects = refund_after(refund.status, reported)  # type: ignore[arg-type]
        refund.updated_at, refund.claimed_until = now, None
        refund.looks += 1
        waiting = refund.status not in REFUND_FINAL or refund.receipt_status == "pending"
        refund.next_look_at = next_look(refund.created_at, now) if waiting else None
        changed: set[UUID] = set()
        if Effect.BOOK in effects:
            ledger.book_refund(session, refund, payment, order.user_id, now)
            payment.refunded += refund.amount
            if order.user_id is not None:
                self._delivery.tell_refunded(session, order, refund.id, refund.amount, now)
                changed.add(order.user_id)
        if Effect.CHECK_ORDER in effects:
            self._check_order(session, order, payment, now)
        if Effect.RETURN_MONEY in effects:
            payment.refund_held -= refund.amount
            refund.problem = reason
            details = {"reason": reason, "amount": refund.amount}
            self._alert(session, "refund.failed", refund.id, order.user_id, details, now)
            if refund.cause in ("duplicate", "mismatch"):  # nobody will ask again: the rule does
                hold_refund(session, payment, refund.amount, cause=cast(RefundCause, refund.cause), reason=refund.reason,
                            requested_by=SYSTEM, now=now, due=now + _REFUND_AGAIN)  # fmt: skip
        if refund.status != before:
            record(session, at=now, actor=SYSTEM, action=f"refund.{refund.status}", subject=refund.id, user_id=order.user_id,
                   details={"amount": refund.amount, "payment": str(payment.id)})  # fmt: skip
        return changed

    def _check_order(self, session: Session, order: Order, payment: Payment, now: datetime) -> None:
        given = session.scalar(select(Grant).where(Grant.payment_id == payment.id))
        if given is None:
            return  # a payment that bought nothing was given back
        order.status, effects = order_refunded(order.status, paid=payment.amount, refunded=payment.refunded)  # type: ignore[arg-type]
        if Effect.REVOKE in effects:
            order.updated_at = now
            self._delivery.take_back(session, order, now)

    def _mismatched(
        self, session: Session, order: Order, payment: Payment, report: Report, wrong: str, now: datetime
    ) -> set[UUID]:
        """What is said does not fit our order: it buys nothing, the operator is told, and it is asked for again. Where it is
        only the amount, and is still said after a while, the money has come: it goes back. Anything else may not be ours to
        move: that is for a person.
        """
        if payment.problem != wrong:
            payment.problem, payment.updated_at = wrong, now
            self._alert(session, "payment.mismatch", payment.id, order.user_id, {"problem": wrong}, now)
        payment.claimed_until = None
        if payment.status in PAYMENT_FINAL:
            payment.next_look_at = None
            return set()
        payment.next_look_at = next_look(payment.created_at, now)
        fits_but_for_amount = (
            mismatch(payment, replace(report, amount=payment.amount), self._shop_id, live=self._live) is None
        )
        believed = now - payment.updated_at >= _MISMATCH_BELIEVED
        if not (fits_but_for_amount and believed and report.status == "succeeded"):
            return set()
        payment.amount = report.amount  # what has really moved: the books say that
        self._describe(payment, report, now)
        payment.status, payment.reason, payment.next_look_at = "succeeded", MISMATCH, None
        record(session, at=now, actor=SYSTEM, action="payment.unwanted", subject=payment.id, user_id=order.user_id,
               details={"amount": payment.amount, "order": str(order.id), "problem": wrong})  # fmt: skip
        ledger.book_capture(session, payment, order.user_id, now)
        self._payment_failed(session, order, payment, now)
        hold_refund(session, payment, payment.amount, cause="mismatch", reason="Another amount than the order's: returned",
                    requested_by=SYSTEM, now=now, due=now)  # fmt: skip
        return {order.user_id} if order.user_id is not None else set()

    def _describe(self, payment: Payment, report: Report, now: datetime) -> None:
        payment.provider_id, payment.updated_at, payment.claimed_until = report.provider_id, now, None
        payment.looks += 1
        payment.confirmation_url = report.confirmation_url or payment.confirmation_url
        payment.test = report.test if payment.test is None else payment.test
        payment.receipt_status = report.receipt or payment.receipt_status
        payment.provider_created_at = report.created_at or payment.provider_created_at
        if report.method is not None:
            payment.method_type, payment.method_title = report.method.type[:40], report.method.title[:255]
        if payment.status not in PAYMENT_FINAL:
            payment.captured_at = report.captured_at
            payment.reason = report.reason[:64] if report.reason else None
            payment.fee = payment.amount - report.net if report.net is not None else None

    def _schedule(self, payment: Payment, now: datetime) -> None:
        waiting = payment.status not in PAYMENT_FINAL or (
            payment.receipt_status == "pending" and now - payment.created_at < _RECEIPT_PATIENCE
        )
        payment.next_look_at = next_look(payment.created_at, now) if waiting else None

    def _do(
        self,
        session: Session,
        effects: Sequence[Effect],
        order: Order,
        payment: Payment,
        report: Report | None,
        now: datetime,
    ) -> set[UUID]:
        changed: set[UUID] = set()
        if not effects:
            return changed
        record(session, at=now, actor=SYSTEM, action=f"payment.{payment.status}", subject=payment.id, user_id=order.user_id,
               details={"amount": payment.amount, "order": str(order.id), "reason": payment.reason})  # fmt: skip
        if order.user_id is not None:
            changed.add(order.user_id)
        if Effect.ALERT in effects:
            self._alert(session, "payment.on_hold", payment.id, order.user_id, {}, now)
        if Effect.BOOK in effects and payment.amount:
            ledger.book_capture(session, payment, order.user_id, now)
        if Effect.SETTLE_ORDER in effects and report is not None:
            self._settle(session, order, payment, report, now)
        if Effect.CLOSE_ORDER in effects:
            self._payment_failed(session, order, payment, now)
        return changed

    def _settle(self, session: Session, order: Order, payment: Payment, report: Report, now: datetime) -> None:
        facts = self._circumstances(session, order, report)
        before: OrderStatus = order.status  # type: ignore[assignment]
        order.status, effects = order_paid(before, facts)
        order.open_for, order.updated_at = None, now
        if Effect.GRANT in effects:
            order.paid_at, order.reason = now, None
            self._delivery.deliver(session, order, payment, report.method, now)
        if Effect.CLOSE_OTHERS in effects and order.kind != "card":
            self._close_others(session, order)
        if Effect.REFUND in effects and payment.amount:
            self._alert(session, "payment.unwanted", payment.id, order.user_id, {"order": str(order.id)}, now)
            hold_refund(session, payment, payment.amount - payment.refund_held, cause="duplicate",
                        reason="Paid twice: returned automatically", requested_by=SYSTEM, now=now, due=now)  # fmt: skip

    def _circumstances(self, session: Session, order: Order, report: Report) -> Circumstances:
        if order.user_id is None:
            return Circumstances(owner_gone=True)
        later = select(Order.id).where(
            Order.user_id == order.user_id, Order.id > order.id, Order.status == "paid", Order.amount > 0,
            Order.kind.in_(("purchase", "change")),
        )  # fmt: skip
        superseded = order.status == "canceled" and order.kind != "card"
        # In two tabs either order may be the one that was paid first: this one was closed then.
        superseded = superseded and (order.reason == "superseded" or session.scalar(later.limit(1)) is not None)
        after_cancel = False
        if order.kind == "renewal" and report.created_at is not None:
            canceled_at = session.scalar(select(Subscription.canceled_at).where(Subscription.user_id == order.user_id))
            after_cancel = canceled_at is not None and report.created_at > canceled_at
        granted = order.kind != "card" and grants.is_given(session, self._delivery.reference(order))
        return Circumstances(granted=granted, superseded=superseded, charged_after_cancel=after_cancel)

    def _close_others(self, session: Session, order: Order) -> None:
        others = select(Order).where(Order.user_id == order.user_id, Order.id != order.id, Order.status == "pending",
                                     Order.kind.in_(("purchase", "trial", "change")))  # fmt: skip
        for other in session.scalars(others.with_for_update()).all():
            self.order_expired(session, other, "superseded")

    def _payment_failed(self, session: Session, order: Order, payment: Payment, now: datetime) -> None:
        others = select(Payment.id).where(Payment.order_id == order.id, Payment.id != payment.id,
                                          Payment.status.not_in(PAYMENT_FINAL))  # fmt: skip
        if session.scalar(others.limit(1)) is not None:
            return
        order.status, effects = order_closed(order.status)  # type: ignore[arg-type]
        if not effects:
            return
        self._close(session, order, payment.reason or "canceled", now)
        if order.kind == "renewal":
            self._delivery.renewal_failed(session, order, now)

    def _close(self, session: Session, order: Order, reason: str, now: datetime) -> None:
        order.open_for, order.reason, order.updated_at = None, reason[:64], now
        use = session.scalar(select(PromoUse).where(PromoUse.order_id == order.id))
        if use is not None:
            session.execute(update(PromoCode).where(PromoCode.id == use.promo_id).values(used=PromoCode.used - 1))
            session.delete(use)

    def _alert(
        self,
        session: Session,
        action: str,
        subject: UUID,
        user_id: UUID | None,
        details: Mapping[str, object],
        now: datetime,
    ) -> None:
        log.error("billing needs a look", action=action, subject=str(subject), **details)
        record(session, at=now, actor=SYSTEM, action=action, subject=subject, user_id=user_id, details=details)


def locked(session: Session, payment_id: UUID) -> tuple[Order, Payment]:
    """The payment and its order, locked in the one order that everybody here keeps: person, order, payment."""
    payment = session.get_one(Payment, payment_id)
    order = session.get_one(Order, payment.order_id)
    if order.user_id is not None:
        lock_user(session, order.user_id)
    session.refresh(order, with_for_update=True)
    session.refresh(payment, with_for_update=True)
    return order, payment
