"""`ai-chat doctor`, `ai-chat mail`, `ai-chat promo`: the operator's look at money from the server's own shell."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.commands.on_database import CommandFailed
from ai_chat.features.audit.log import OPERATOR
from ai_chat.features.billing.doctor import diagnose, notes
from ai_chat.features.billing.ledger import balances
from ai_chat.features.billing.models import PromoCode
from ai_chat.features.billing.periods import Period
from ai_chat.features.billing.promo import Offer, add, end, normal
from ai_chat.features.mail.models import Mail
from ai_chat.kernel.clock import iso, system_clock
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
    offer = Offer(code, percent, roubles * 100, days, cast(Period | None, period), uses, until)
    if not offer.gives_something:
        raise CommandFailed("A promo code gives a percentage, an amount or days off.")
    promo = await database.write(lambda session: add(session, offer, actor=OPERATOR, now=system_clock()))
    if promo is None:
        raise CommandFailed(f"There is already a promo code {normal(code)}.")
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

    def work(session: Session) -> bool:
        promo = session.scalar(select(PromoCode).where(PromoCode.code == normal(code)))
        if promo is not None:
            end(session, promo, actor=OPERATOR, now=system_clock())
        return promo is not None

    if not await database.write(work):
        raise CommandFailed(f"There is no promo code {normal(code)}.")
