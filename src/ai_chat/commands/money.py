"""`ai-chat doctor`, `ai-chat mail`, `ai-chat promo`: the operator's look at money from the server's own shell."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ai_chat.commands.users import CommandFailed
from ai_chat.features.audit.log import OPERATOR, record
from ai_chat.features.billing.doctor import diagnose, notes
from ai_chat.features.billing.ledger import balances
from ai_chat.features.billing.models import PromoCode
from ai_chat.features.billing.promo import normal
from ai_chat.features.mail.models import Mail
from ai_chat.kernel.clock import iso, system_clock
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.money import amount_text
from ai_chat.storage.database import Database

_LETTERS = 50


async def doctor(database: Database) -> list[str]:
    """What the books come to; CommandFailed with what is wrong with them."""

    def work(session: Session) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
        accounts = [f"{name:9} {amount_text(total):>14} RUB" for name, total in sorted(balances(session).items())]
        return diagnose(session, system_clock()), notes(session), accounts

    wrong, odd, accounts = await database.read(work)
    if wrong:
        raise CommandFailed("; ".join(wrong) + ".")
    return [*accounts, *(f"Note: {note}." for note in odd), "The books are right."]


async def letters(database: Database) -> list[str]:
    """A line for each of the newest letters."""
    query = select(Mail).order_by(Mail.id.desc()).limit(_LETTERS)
    found = await database.read(lambda session: session.scalars(query).all())
    return [
        f"{iso(mail.created_at)} {mail.status:7} {mail.recipient:32} {mail.subject} | {mail.text}" for mail in found
    ]


async def add_promo(
    database: Database,
    code: str,
    *,
    percent: int,
    roubles: int,
    days: int,
    uses: int | None,
    period: str | None,
    until: datetime | None,
) -> str:
    """A new promo code; its normal form."""
    if not (percent or roubles or days) or not normal(code):
        raise CommandFailed("A promo code gives a percentage, an amount or days off.")
    now = system_clock()
    promo = PromoCode(
        id=new_id(), code=normal(code), percent_off=percent, amount_off=roubles * 100, free_days=days, period=period,
        max_uses=uses, used=0, expires_at=until, created_at=now,
    )  # fmt: skip

    def work(session: Session) -> None:
        session.add(promo)
        record(session, at=now, actor=OPERATOR, action="promo.added", subject=promo.id, details={"code": promo.code})

    try:
        await database.write(work)
    except IntegrityError as problem:
        raise CommandFailed(f"There is already a promo code {promo.code}.") from problem
    return promo.code


async def promos(database: Database) -> list[str]:
    """A line for each promo code."""
    found = await database.read(lambda session: session.scalars(select(PromoCode).order_by(PromoCode.id)).all())
    return [
        f"{promo.code:20} {promo.percent_off:3} % {amount_text(promo.amount_off):>9} RUB {promo.free_days:3} days"
        f" used {promo.used}{f' of {promo.max_uses}' if promo.max_uses is not None else ''}"
        f"{' disabled' if promo.disabled_at else ''}"
        for promo in found
    ]


async def end_promo(database: Database, code: str) -> None:
    """Nobody can use the code any more."""
    now = system_clock()
    change = update(PromoCode).where(PromoCode.code == normal(code)).values(disabled_at=now).returning(PromoCode.id)

    def work(session: Session) -> bool:
        ended = session.scalar(change)
        if ended is not None:
            record(session, at=now, actor=OPERATOR, action="promo.ended", subject=ended, details={"code": normal(code)})
        return ended is not None

    if not await database.write(work):
        raise CommandFailed(f"There is no promo code {normal(code)}.")
