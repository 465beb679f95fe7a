"""Tables of buying: subscriptions, orders, payments, refunds, saved cards, grants. Amounts are whole kopecks.

Rows about money outlive the account they belong to (`SET NULL`): the books must still balance, and the law wants them kept.
Columns `next_look_at` and `claimed_until` make a row a job: it falls due, and one worker at a time has it (storage/claims.py).
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from ai_chat.storage.tables import Base, PrimaryId


class Subscription(Base):
    """What a person has of Premium, and how it goes on. One row a person; its history is the orders and grants."""

    __tablename__ = "subscriptions"

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    plan: Mapped[str] = mapped_column(String(20))
    """free | premium"""
    status: Mapped[str] = mapped_column(String(20))
    """active | canceled | expired"""
    yookassa_payment_id: Mapped[str | None] = mapped_column(String(64))
    """Of the last payment that counted."""
    current_period_start: Mapped[datetime]
    current_period_end: Mapped[datetime]
    cancel_at_period_end: Mapped[bool] = mapped_column(server_default=false())
    canceled_at: Mapped[datetime | None]
    period: Mapped[str] = mapped_column(String(10), server_default="month")
    """month | year"""
    next_period: Mapped[str | None] = mapped_column(String(10))
    """What the next renewal buys, where that is something else."""
    anchor_day: Mapped[int] = mapped_column(server_default="1")
    price: Mapped[int] = mapped_column(server_default="0")
    """What a renewal costs: the list price when it was bought. A new price needs a new consent."""
    auto_renew: Mapped[bool] = mapped_column(server_default=false())
    """The person has agreed to be charged; a method may still be missing."""
    payment_method_id: Mapped[UUID | None]
    past_due: Mapped[bool] = mapped_column(server_default=false())
    renewal_stopped: Mapped[bool] = mapped_column(server_default=false())
    """No further attempt before the person does something: a new card, a payment of their own."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    """To renew for the period that begins at current_period_end."""
    retry_at: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(String(5), server_default="ru")
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Order(Base):
    """What somebody wants to buy, frozen as it was offered: whatever prices do later, this is the deal."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("subscription_id", "period_start", "attempt", name="uq_orders_renewal"),
        Index("ix_orders_user_created", "user_id", "created_at"),
        CheckConstraint("amount >= 0", name="not_negative"),
    )

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(10))
    """purchase | trial | renewal | change | card"""
    open_for: Mapped[UUID | None] = mapped_column(unique=True)
    """The person, while this is the one order they are being asked to pay: two tabs meet in the same one."""
    status: Mapped[str] = mapped_column(String(10))
    """pending | paid | canceled | refunded"""
    plan: Mapped[str] = mapped_column(String(20))
    period: Mapped[str] = mapped_column(String(10))
    price: Mapped[int]
    """List price of the period."""
    discount: Mapped[int] = mapped_column(default=0)
    credit: Mapped[int] = mapped_column(default=0)
    """What is unused of the period it replaces."""
    amount: Mapped[int]
    """To be paid: price - discount - credit."""
    currency: Mapped[str] = mapped_column(String(3))
    promo_code: Mapped[str | None] = mapped_column(String(40))
    free_days: Mapped[int] = mapped_column(default=0)
    save_method: Mapped[bool] = mapped_column(default=False)
    consent_at: Mapped[datetime | None]
    """When the person agreed to be charged again each period."""
    email: Mapped[str] = mapped_column(String(255))
    locale: Mapped[str] = mapped_column(String(5))
    subscription_id: Mapped[UUID | None]
    period_start: Mapped[datetime | None]
    attempt: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(64))
    """Why it was canceled."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    """Nobody is asked to pay it after this; a payment that succeeds later is still dealt with."""


class Payment(Base):
    """One operation at the provider for an order. Key and body are written down before the call: whatever happens to us or
    to the network, the same call is made again, and the provider does it once.
    """

    __tablename__ = "payments"
    __table_args__ = (
        Index("ix_payments_next_look_at", "next_look_at"),
        Index("ix_payments_created_at", "created_at"),
        CheckConstraint("refund_held <= amount AND refunded <= refund_held", name="refunds_within_amount"),
    )

    id: Mapped[PrimaryId]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """payment | binding (a card is saved, nothing is charged)"""
    provider_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    idempotence_key: Mapped[str] = mapped_column(String(64), unique=True)
    request: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    """created | pending | waiting_for_capture | succeeded | canceled | refused"""
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    fee: Mapped[int | None]
    """What the provider keeps."""
    refund_held: Mapped[int] = mapped_column(default=0)
    """Refunded, or being refunded."""
    refunded: Mapped[int] = mapped_column(default=0)
    confirmation_url: Mapped[str | None] = mapped_column(String(2048))
    method_type: Mapped[str | None] = mapped_column(String(40))
    method_title: Mapped[str | None] = mapped_column(String(255))
    reason: Mapped[str | None] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(String(500))
    """What does not match our order; such a payment buys nothing until a person has looked at it."""
    receipt_status: Mapped[str | None] = mapped_column(String(20))
    """pending | succeeded | canceled: the fiscal receipt's registration"""
    test: Mapped[bool | None]
    sent_at: Mapped[datetime | None]
    provider_created_at: Mapped[datetime | None]
    captured_at: Mapped[datetime | None]
    next_look_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Refund(Base):
    """Money on its way back. `amount` is held of the payment from the moment this is written."""

    __tablename__ = "refunds"
    __table_args__ = (Index("ix_refunds_next_look_at", "next_look_at"),)

    id: Mapped[PrimaryId]
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id", ondelete="CASCADE"), index=True)
    provider_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    idempotence_key: Mapped[str] = mapped_column(String(64), unique=True)
    request: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    """created | pending | succeeded | canceled | refused"""
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    cause: Mapped[str] = mapped_column(String(20))
    """admin | duplicate, mismatch (the rule gave it back) | provider (made in the provider's cabinet)"""
    reason: Mapped[str] = mapped_column(String(250))
    requested_by: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(String(500))
    receipt_status: Mapped[str | None] = mapped_column(String(20))
    next_look_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SavedMethod(Base):
    """A card or wallet that the person has allowed us to charge. Only the provider knows its number."""

    __tablename__ = "saved_methods"
    __table_args__ = (UniqueConstraint("user_id", "provider_id", name="uq_saved_methods_user_provider"),)

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    provider_id: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(10))
    """active | removed | revoked"""
    order_id: Mapped[UUID]
    """In which the person agreed."""
    consent_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Grant(Base):
    """A stretch of Premium and why it was given. Nobody is on Premium at a moment that no grant covers."""

    __tablename__ = "grants"
    __table_args__ = (Index("ix_grants_user_ends", "user_id", "ends_at"),)

    id: Mapped[PrimaryId]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    reference: Mapped[str] = mapped_column(String(120), unique=True)
    """What it was given for: the same thing is never given twice."""
    plan: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(10))
    """payment | trial | promo | admin | grace"""
    order_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None] = mapped_column(unique=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    """None is for ever."""
    revoked_at: Mapped[datetime | None]
    """It ended then, whatever ends_at says."""
    note: Mapped[str | None] = mapped_column(String(250))
    created_at: Mapped[datetime]


class Notification(Base):
    """What the provider told us, stored before anything is done with it. Only its ids are believed."""

    __tablename__ = "payment_notifications"
    __table_args__ = (
        UniqueConstraint("event", "object_id", name="uq_payment_notifications_event_object"),
        Index("ix_payment_notifications_next_look_at", "next_look_at"),
    )

    id: Mapped[PrimaryId]
    event: Mapped[str] = mapped_column(String(64))
    object_id: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    sender: Mapped[str] = mapped_column(String(64))
    deliveries: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[str | None] = mapped_column(String(250))
    next_look_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]


class PromoCode(Base):
    """A word that makes the first period cheaper, or gives days for nothing."""

    __tablename__ = "promo_codes"

    id: Mapped[PrimaryId]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    """In capitals."""
    percent_off: Mapped[int] = mapped_column(default=0)
    amount_off: Mapped[int] = mapped_column(default=0)
    """Kopecks."""
    free_days: Mapped[int] = mapped_column(default=0)
    period: Mapped[str | None] = mapped_column(String(10))
    """Only for this period."""
    max_uses: Mapped[int | None]
    used: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PromoUse(Base):
    """Somebody's one use of a code; taken back with the order that came to nothing."""

    __tablename__ = "promo_uses"
    __table_args__ = (UniqueConstraint("promo_id", "user_id", name="uq_promo_uses_promo_user"),)

    id: Mapped[PrimaryId]
    promo_id: Mapped[UUID] = mapped_column(ForeignKey("promo_codes.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    order_id: Mapped[UUID] = mapped_column(index=True)
    created_at: Mapped[datetime]


class LedgerTransaction(Base):
    """One movement of money; its entries sum to nothing. Neither is ever changed or deleted: the database refuses it."""

    __tablename__ = "ledger_transactions"

    id: Mapped[PrimaryId]
    reference: Mapped[str] = mapped_column(String(120), unique=True)
    """What happened; it is booked once."""
    kind: Mapped[str] = mapped_column(String(20))
    """capture | fee | refund"""
    payment_id: Mapped[UUID] = mapped_column(index=True)
    refund_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class LedgerEntry(Base):
    """One side of a movement: positive is a debit, negative a credit."""

    __tablename__ = "ledger_entries"

    id: Mapped[PrimaryId]
    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transactions.id"), index=True)
    account: Mapped[str] = mapped_column(String(20))
    """provider | sales | fees | refunds"""
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))


class PeriodicJob(Base):
    """Something done now and then by whichever worker comes first."""

    __tablename__ = "periodic_jobs"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    due_at: Mapped[datetime]


class ExchangeRate(Base):
    """What a dollar costs in roubles, from a moment on: models are paid in dollars, subscriptions in roubles."""

    __tablename__ = "exchange_rates"

    id: Mapped[PrimaryId]
    rub_per_usd: Mapped[Decimal]
    valid_from: Mapped[datetime]


class PlanPrice(Base):
    """What Premium costs from a moment on, as an administrator has set it. All empty: what the plans file says."""

    __tablename__ = "plan_prices"

    id: Mapped[PrimaryId]
    month: Mapped[int | None]
    """Roubles."""
    year: Mapped[int | None]
    """Roubles; 0 offers no yearly plan."""
    trial_days: Mapped[int | None]
    valid_from: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(64))
