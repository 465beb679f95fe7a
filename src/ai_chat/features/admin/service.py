"""An administrator's view of money. Reads billing's tables; what it does, it asks billing to do."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.audit.log import history, record
from ai_chat.features.audit.models import AuditEntry
from ai_chat.features.billing.models import (
    ExchangeRate,
    Grant,
    LedgerEntry,
    LedgerTransaction,
    Notification,
    Order,
    Payment,
    PromoCode,
    Refund,
)
from ai_chat.features.billing.payments import Announce
from ai_chat.features.billing.service import Billing, Selling
from ai_chat.features.mail.models import Mail
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.kernel.clock import Clock, iso
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id, parse_id
from ai_chat.kernel.money import amount_text
from ai_chat.storage.database import Database

PAGE = 50
_MOST_ROWS = 50_000
_COLUMNS = (
    "id", "created", "status", "amount", "refunded", "fee", "currency", "email", "kind", "plan", "period", "provider id",
    "reason",
)  # fmt: skip
_NOBODY = UUID(int=0)
_ONLY: Mapping[str, Any] = {
    "blocked": User.blocked_at.is_not(None),
    "admin": User.role == "admin",
    "premium": User.subscription_tier == "premium",
}
Row_ = TypeVar("Row_")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which payments; `text` is a part of an e-mail address, or an id."""

    status: str | None = None
    kind: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """A payment with everything that happened to it."""

    payment: Payment
    order: Order
    refunds: Sequence[Refund]
    grants: Sequence[Grant]
    notifications: Sequence[Notification]
    attempts: Sequence[Payment]
    """All payments of the order; of a renewal those of all attempts for the period."""
    ledger: Sequence[tuple[LedgerTransaction, LedgerEntry]]
    history: Sequence[AuditEntry]


class Admin:
    """Lists, details, and the few deeds."""

    def __init__(
        self, database: Database, billing: Billing, default_rate: Decimal, clock: Clock, announce: Announce
    ) -> None:
        self.database = database
        self.clock = clock
        self.default_rate = default_rate
        self.tell = announce
        self._billing = billing

    @property
    def zone(self) -> ZoneInfo:
        return self._billing.terms.zone

    @property
    def plans(self) -> Mapping[PlanId, Plan]:
        """As the plans file has them."""
        return self._billing.plans

    @property
    def selling(self) -> bool:
        return self._billing.selling is not None

    @property
    def mailing(self) -> bool:
        return self._billing.outbox.sends

    async def payments(self, wanted: Filter, cursor: UUID | None) -> tuple[Sequence[Row[Payment, Order]], UUID | None]:
        """The newest payments first, a page at a time."""
        query = _filtered(wanted).limit(PAGE + 1)
        if cursor is not None:
            query = query.where(Payment.id < cursor)
        rows = await self.database.read(lambda session: session.execute(query).all())
        return rows[:PAGE], rows[PAGE - 1][0].id if len(rows) > PAGE else None

    async def payments_csv(self, wanted: Filter) -> str:
        """The same as a table for a spreadsheet. Cells that a spreadsheet would take for a formula are quoted."""
        rows = await self.database.read(lambda session: session.execute(_filtered(wanted).limit(_MOST_ROWS)).all())
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        for payment, order in rows:
            cells = [
                payment.id, iso(payment.created_at), payment.status, amount_text(payment.amount), amount_text(payment.refunded),
                amount_text(payment.fee or 0), payment.currency, order.email, order.kind, order.plan, order.period,
                payment.provider_id or "", payment.reason or "",
            ]  # fmt: skip
            writer.writerow([_cell(str(cell)) for cell in cells])
        return text.getvalue()

    async def detail(self, payment_id: UUID) -> Detail:
        """PAYMENT_NOT_FOUND where there is none."""

        def work(session: Session) -> Detail:
            payment = session.get(Payment, payment_id)
            if payment is None:
                raise AppError(ErrorCode.PAYMENT_NOT_FOUND)
            order = session.get_one(Order, payment.order_id)
            refunds = session.scalars(select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.id)).all()
            given = session.scalars(select(Grant).where(Grant.order_id == order.id)).all()
            objects = [payment.provider_id, *(refund.provider_id for refund in refunds)]
            same = Order.id == order.id
            if order.kind == "renewal":
                same = (Order.subscription_id == order.subscription_id) & (Order.period_start == order.period_start)
            attempts = select(Payment).join(Order, Order.id == Payment.order_id).where(same).order_by(Payment.id)
            booked = (
                select(LedgerTransaction, LedgerEntry)
                .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
                .where(LedgerTransaction.payment_id == payment_id)
                .order_by(LedgerTransaction.id, LedgerEntry.id)
            )
            told = select(Notification).where(Notification.object_id.in_([found for found in objects if found]))
            subjects = (str(payment.id), str(order.id), *(str(refund.id) for refund in refunds))
            return Detail(
                payment, order, refunds, given, session.scalars(told.order_by(Notification.received_at)).all(),
                session.scalars(attempts).all(), [(row[0], row[1]) for row in session.execute(booked).all()],
                history(session, subjects=subjects)[::-1],
            )  # fmt: skip

        return await self.database.read(work)

    async def refund(
        self, payment_id: UUID, amount: int | None, reason: str, admin: UUID, request_id: UUID | None
    ) -> Detail:
        await self._selling().refunds.request(payment_id, amount, reason, str(admin), request_id)
        return await self.detail(payment_id)

    async def users(
        self, text: str | None, only: str | None, cursor: UUID | None
    ) -> tuple[Sequence[User], UUID | None]:
        """People, newest first."""
        where: list[Any] = []
        if text:
            said = User.email.contains(text.lower(), autoescape=True), User.full_name.contains(text, autoescape=True)
            where.append(or_(*said, User.id == (parse_id(text) or _NOBODY)))
        if only is not None:
            where.append(_ONLY[only])
        return await self._page(User, where, cursor)

    async def mails(
        self, status: str | None, text: str | None, cursor: UUID | None
    ) -> tuple[Sequence[Mail], UUID | None]:
        """Letters, newest first, sent or not."""
        where: list[Any] = [Mail.status == status] if status else []
        if text:
            where.append(Mail.recipient.contains(text.lower(), autoescape=True))
        return await self._page(Mail, where, cursor)

    async def audit(
        self, user_id: UUID | None, action: str | None, cursor: UUID | None
    ) -> tuple[Sequence[AuditEntry], UUID | None]:
        """The audit log, newest first."""
        where: list[Any] = [AuditEntry.user_id == user_id] if user_id is not None else []
        if action:
            where.append(AuditEntry.action.startswith(action, autoescape=True))
        return await self._page(AuditEntry, where, cursor)

    async def promos(self) -> Sequence[PromoCode]:
        query = select(PromoCode).order_by(PromoCode.id.desc())
        return await self.database.read(lambda session: session.scalars(query).all())

    async def rates(self) -> Sequence[ExchangeRate]:
        """What was set, the newest first."""
        query = select(ExchangeRate).order_by(ExchangeRate.id.desc()).limit(PAGE)
        return await self.database.read(lambda session: session.scalars(query).all())

    async def set_rate(self, rate: Decimal, admin: UUID) -> None:
        """What a dollar costs from now on."""
        now = self.clock()

        def work(session: Session) -> None:
            session.add(ExchangeRate(id=new_id(), rub_per_usd=rate, valid_from=now))
            record(session, at=now, actor=str(admin), action="exchange_rate.set", details={"rate": str(rate)})

        await self.database.write(work)

    async def _page(
        self, model: type[Row_], where: Sequence[Any], cursor: UUID | None
    ) -> tuple[Sequence[Row_], UUID | None]:
        """Ids grow with time, so that they are the order as well as the cursor."""
        key: Any = model.id  # type: ignore[attr-defined]  # every table has one
        query = select(model).where(*where).order_by(key.desc()).limit(PAGE + 1)
        if cursor is not None:
            query = query.where(key < cursor)
        found = await self.database.read(lambda session: session.scalars(query).all())
        return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None  # type: ignore[attr-defined]

    def _selling(self) -> Selling:
        if self._billing.selling is None:
            raise AppError(ErrorCode.PAYMENTS_UNAVAILABLE)
        return self._billing.selling


def _filtered(wanted: Filter) -> Select[Any]:
    query = cast(
        "Select[Any]", select(Payment, Order).join(Order, Order.id == Payment.order_id).order_by(Payment.id.desc())
    )
    if wanted.status == "refunded":
        query = query.where(Payment.refund_held > 0)
    elif wanted.status == "problem":
        query = query.where(Payment.problem.is_not(None))
    elif wanted.status:
        query = query.where(Payment.status == wanted.status)
    if wanted.kind:
        query = query.where(Order.kind == wanted.kind)
    if wanted.text:
        found_id = parse_id(wanted.text) or _NOBODY
        query = query.where(
            or_(
                Order.email.contains(wanted.text.lower(), autoescape=True),
                Payment.provider_id == wanted.text,
                Payment.id == found_id,
                Order.id == found_id,
                Order.user_id == found_id,
            )
        )
    if wanted.since is not None:
        query = query.where(Payment.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Payment.created_at < wanted.until)
    return query


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
