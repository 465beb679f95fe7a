"""Promo codes: a use is counted by the statement that checks that one is left, once a person, and freed with its order."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from ai_chat.features.audit.log import record
from ai_chat.features.billing.models import Order, PromoCode, PromoUse
from ai_chat.features.billing.periods import Period
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Discount:
    """What a code takes off the first period, and the days it gives."""

    amount: int
    free_days: int


def normal(code: str) -> str:
    return code.strip().upper()[:40]


def look(session: Session, code: str, *, period: str, price: int, user_id: UUID, now: datetime) -> Discount:
    """What `code` is worth to this person; PROMO_CODE_INVALID where it is worth nothing to them. Takes nothing."""
    promo = session.scalar(select(PromoCode).where(PromoCode.code == normal(code)))
    if promo is None or promo.period not in (None, period) or promo.disabled_at is not None:
        raise AppError(ErrorCode.PROMO_CODE_INVALID)
    if promo.expires_at is not None and promo.expires_at <= now:
        raise AppError(ErrorCode.PROMO_CODE_INVALID)
    # Whoever has it in the order that they are just paying has it still: another order would give it back first.
    mine = session.scalar(select(PromoUse).where(PromoUse.promo_id == promo.id, PromoUse.user_id == user_id))
    if mine is not None:
        open_order = select(Order.id).where(Order.id == mine.order_id, Order.open_for == user_id)
        if session.scalar(open_order) is None:
            raise AppError(ErrorCode.PROMO_CODE_INVALID)
    elif promo.max_uses is not None and promo.used >= promo.max_uses:
        raise AppError(ErrorCode.PROMO_CODE_INVALID)
    return Discount(min(price, price * promo.percent_off // 100 + promo.amount_off), promo.free_days)


def use(session: Session, code: str, *, user_id: UUID, order_id: UUID, now: datetime) -> None:
    """Takes one use of `code` for the order; PROMO_CODE_INVALID where none is left by now."""
    taken = session.execute(
        update(PromoCode)
        .where(
            PromoCode.code == normal(code),
            PromoCode.disabled_at.is_(None),
            or_(PromoCode.max_uses.is_(None), PromoCode.used < PromoCode.max_uses),
            or_(PromoCode.expires_at.is_(None), PromoCode.expires_at > now),
        )
        .values(used=PromoCode.used + 1)
        .returning(PromoCode.id)
    ).one_or_none()
    if taken is None:
        raise AppError(ErrorCode.PROMO_CODE_INVALID)
    session.add(PromoUse(id=new_id(), promo_id=taken.id, user_id=user_id, order_id=order_id, created_at=now))
    session.flush()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a new code gives, and to how many."""

    code: str
    percent_off: int = 0
    amount_off: int = 0
    """Kopecks."""
    free_days: int = 0
    period: Period | None = None
    max_uses: int | None = None
    expires_at: datetime | None = None

    @property
    def gives_something(self) -> bool:
        return bool(normal(self.code)) and bool(self.percent_off or self.amount_off or self.free_days)


def add(session: Session, offer: Offer, *, actor: str, now: datetime) -> PromoCode | None:
    """A new code; None where there is one of that name already."""
    if session.scalar(select(PromoCode.id).where(PromoCode.code == normal(offer.code))) is not None:
        return None
    promo = PromoCode(
        id=new_id(), code=normal(offer.code), percent_off=offer.percent_off, amount_off=offer.amount_off,
        free_days=offer.free_days, period=offer.period, max_uses=offer.max_uses, used=0, expires_at=offer.expires_at,
        created_at=now,
    )  # fmt: skip
    session.add(promo)
    record(session, at=now, actor=actor, action="promo.added", subject=promo.id, details={"code": promo.code})
    session.flush()
    return promo


def end(session: Session, promo: PromoCode, *, actor: str, now: datetime) -> None:
    """Nobody can use the code any more; orders that have used it keep their price."""
    if promo.disabled_at is not None:
        return
    promo.disabled_at = now
    record(session, at=now, actor=actor, action="promo.ended", subject=promo.id, details={"code": promo.code})
    session.flush()
