"""An administrator's view of money. Reads billing's tables; what it does, it asks billing to do."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.audit.log import history, record
from ai_chat.features.audit.models import AuditEntry
from ai_chat.features.billing.models import ExchangeRate, Grant, Notification, Order, Payment, Refund
from ai_chat.features.billing.service import Billing, Selling
from ai_chat.features.mail.models import Mail
from ai_chat.kernel.clock import Clock, iso
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.money import amount_text
from ai_chat.storage.database import Database

PAGE = 50
_MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which payments; `text` is an e-mail address or an id."""

    status: str | None = None
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
    history: Sequence[AuditEntry]


class Admin:
    """Lists, details, and the few deeds."""

    def __init__(self, database: Database, billing: Billing, default_rate: Decimal, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.default_rate = default_rate
        self._billing = billing

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
        writer.writerow(
            [
                "id",
                "created",
                "status",
                "amount",
                "refunded",
                "fee",
                "currency",
                "email",
                "kind",
                "plan",
                "period",
                "provider id",
                "reason",
            ]
        )
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
            told = select(Notification).where(Notification.object_id.in_([found for found in objects if found]))
            subjects = (str(payment.id), str(order.id), *(str(refund.id) for refund in refunds))
            return Detail(
                payment, order, refunds, given, session.scalars(told.order_by(Notification.received_at)).all(),
                history(session, subjects=subjects)[::-1],
            )  # fmt: skip

        return await self.database.read(work)

    async def refund(self, payment_id: UUID, amount: int | None, reason: str, admin: UUID) -> Detail:
        await self._selling().refunds.request(payment_id, amount, reason, str(admin))
        return await self.detail(payment_id)

    async def users(self, text: str | None, cursor: UUID | None) -> tuple[Sequence[User], UUID | None]:
        """People, newest first."""
        query = select(User).order_by(User.id.desc()).limit(PAGE + 1)
        if text:
            query = query.where(User.email.contains(text.lower(), autoescape=True))
        if cursor is not None:
            query = query.where(User.id < cursor)
        found = await self.database.read(lambda session: session.scalars(query).all())
        return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None

    async def mails(self) -> Sequence[Mail]:
        """The newest letters, sent or not."""
        query = select(Mail).order_by(Mail.id.desc()).limit(PAGE)
        return await self.database.read(lambda session: session.scalars(query).all())

    async def audit(self, user_id: UUID | None) -> Sequence[AuditEntry]:
        return await self.database.read(lambda session: history(session, user_id=user_id))

    async def set_rate(self, rate: Decimal, admin: UUID) -> None:
        """What a dollar costs from now on."""
        now = self.clock()

        def work(session: Session) -> None:
            session.add(ExchangeRate(id=new_id(), rub_per_usd=rate, valid_from=now))
            record(session, at=now, actor=str(admin), action="exchange_rate.set", details={"rate": str(rate)})

        await self.database.write(work)

    def _selling(self) -> Selling:
        if self._billing.selling is None:
            raise AppError(ErrorCode.PAYMENTS_UNAVAILABLE)
        return self._billing.selling


def _filtered(wanted: Filter) -> Select[Any]:
    query = cast(
        "Select[Any]", select(Payment, Order).join(Order, Order.id == Payment.order_id).order_by(Payment.id.desc())
    )
    if wanted.status:
        query = query.where(Payment.status == wanted.status)
    if wanted.text:
        query = query.where(or_(Order.email == wanted.text.lower(), Payment.provider_id == wanted.text))
    if wanted.since is not None:
        query = query.where(Payment.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Payment.created_at < wanted.until)
    return query


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
