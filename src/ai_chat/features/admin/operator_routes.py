"""`/api/admin`: promo codes, prices, the exchange rate, letters, the audit log, and how the books stand."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from ai_chat.features.accounts.deps import Administrator
from ai_chat.features.admin.condition import condition
from ai_chat.features.admin.deps import AdminPart, Cursor, found_id
from ai_chat.features.admin.operator_schemas import (
    ConditionInfo,
    MailInfo,
    PriceChange,
    Prices,
    PricesInfo,
    PromoInfo,
    PromoRequest,
    Rate,
    RateChange,
    RatesInfo,
    Waiting,
)
from ai_chat.features.admin.schemas import AuditInfo
from ai_chat.features.audit.log import record
from ai_chat.features.billing.models import PromoCode
from ai_chat.features.billing.prices import offered, price_history, set_price
from ai_chat.features.billing.promo import Offer, add, end
from ai_chat.features.mail.models import Mail
from ai_chat.features.mail.outbox import PRIVATE
from ai_chat.features.usage.plans import Plan
from ai_chat.http.schemas import Envelope, Page, failures, ok
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.money import roubles

_REFUSALS = failures(ErrorCode.UNAUTHORIZED, ErrorCode.NOT_FOUND)

router = APIRouter(prefix="/api/admin", tags=["admin"])


@router.get("/promo-codes", operation_id="adminListPromoCodes", responses=_REFUSALS)
async def list_promos(admin: AdminPart, _who: Administrator) -> Envelope[list[PromoInfo]]:
    """All promo codes, the newest first."""
    return ok([_promo_info(promo) for promo in await admin.promos()])


@router.post(
    "/promo-codes",
    operation_id="adminAddPromoCode",
    responses=failures(ErrorCode.UNAUTHORIZED, ErrorCode.NOT_FOUND, ErrorCode.PROMO_CODE_EXISTS),
)
async def add_promo(body: PromoRequest, admin: AdminPart, who: Administrator) -> Envelope[PromoInfo]:
    """A new promo code."""
    offer = Offer(
        body.code, body.percent_off, body.amount_off * 100, body.free_days, body.period, body.max_uses, body.expires_at
    )
    if not offer.gives_something:
        raise InvalidInput(FieldProblem("percentOff", "A promo code gives a percentage, an amount or days."))
    promo = await admin.database.write(lambda session: add(session, offer, actor=str(who.id), now=admin.clock()))
    if promo is None:
        raise AppError(ErrorCode.PROMO_CODE_EXISTS)
    return ok(_promo_info(promo))


@router.post("/promo-codes/{promo_id}/end", operation_id="adminEndPromoCode", responses=_REFUSALS)
async def end_promo(promo_id: str, admin: AdminPart, who: Administrator) -> Envelope[PromoInfo]:
    """Nobody can use the code any more."""
    wanted = found_id(promo_id, ErrorCode.NOT_FOUND)

    def work(session: Session) -> PromoCode:
        promo = session.get(PromoCode, wanted)
        if promo is None:
            raise AppError(ErrorCode.NOT_FOUND)
        end(session, promo, actor=str(who.id), now=admin.clock())
        return promo

    return ok(_promo_info(await admin.database.write(work)))


@router.get("/prices", operation_id="adminGetPrices", responses=_REFUSALS)
async def get_prices(admin: AdminPart, _who: Administrator) -> Envelope[PricesInfo]:
    """What Premium costs, and how that came about."""
    return ok(await admin.database.read(lambda session: _prices(session, admin)))


@router.put("/prices", operation_id="adminSetPrices", responses=_REFUSALS)
async def set_prices(body: Prices, admin: AdminPart, who: Administrator) -> Envelope[PricesInfo]:
    """New prices for new orders. Whoever subscribes already keeps the price they agreed to."""
    wanted = body.month, body.year, body.trial_days
    return ok(await admin.database.write(lambda session: _changed(session, admin, wanted, str(who.id))))


@router.delete("/prices", operation_id="adminResetPrices", responses=_REFUSALS)
async def reset_prices(admin: AdminPart, who: Administrator) -> Envelope[PricesInfo]:
    """The prices of the plans file again."""
    return ok(await admin.database.write(lambda session: _changed(session, admin, (None, None, None), str(who.id))))


@router.get("/exchange-rate", operation_id="adminGetRates", responses=_REFUSALS)
async def get_rates(admin: AdminPart, _who: Administrator) -> Envelope[RatesInfo]:
    """What a dollar costs in roubles, now and before."""
    rates = await admin.rates()
    now = rates[0].rub_per_usd if rates else admin.default_rate
    history = [RateChange(rub_per_usd=float(rate.rub_per_usd), valid_from=rate.valid_from) for rate in rates]
    return ok(RatesInfo(now=float(now), history=history))


@router.put("/exchange-rate", operation_id="adminSetRate", responses=_REFUSALS)
async def set_rate(body: Rate, admin: AdminPart, who: Administrator) -> Envelope[Rate]:
    """What a dollar costs in roubles from now on."""
    await admin.set_rate(Decimal(str(body.rub_per_usd)), who.id)
    return ok(body)


@router.get("/mails", operation_id="adminListMails", responses=_REFUSALS)
async def list_mails(
    admin: AdminPart,
    _who: Administrator,
    status: Annotated[Literal["queued", "sent", "logged", "failed"] | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=255)] = None,
    cursor: Cursor = None,
) -> Page[MailInfo]:
    """Letters, the newest first, sent or not; `q` is a part of the address."""
    mails, following = await admin.mails(status, q, cursor)
    data = [_mail_info(mail) for mail in mails]
    return Page[MailInfo](success=True, data=data, cursor=str(following) if following else None)


@router.get("/audit", operation_id="adminAudit", responses=_REFUSALS)
async def list_audit(
    admin: AdminPart,
    _who: Administrator,
    user_id: Annotated[UUID | None, Query(alias="userId")] = None,
    q: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Cursor = None,
) -> Page[AuditInfo]:
    """The audit log, the newest first; `userId` is whom it concerns, `q` how the action begins."""
    entries, following = await admin.audit(user_id, q, cursor)
    data = [AuditInfo.model_validate(entry) for entry in entries]
    return Page[AuditInfo](success=True, data=data, cursor=str(following) if following else None)


@router.get("/condition", operation_id="adminCondition", responses=_REFUSALS)
async def get_condition(admin: AdminPart, _who: Administrator) -> Envelope[ConditionInfo]:
    """What the doctor says, what waits, and what needs a look."""
    found = await admin.database.read(lambda session: condition(session, admin.clock()))
    return ok(
        ConditionInfo(
            complaints=list(found.complaints),
            notes=list(found.notes),
            accounts={name: roubles(total) for name, total in found.accounts.items()},
            waiting=Waiting.model_validate(found.waiting),
            next_sweep_at=found.next_sweep_at,
            alerts=[AuditInfo.model_validate(entry) for entry in found.alerts],
            selling=admin.selling,
            mailing=admin.mailing,
        )
    )


def _changed(
    session: Session, admin: AdminPart, wanted: tuple[int | None, int | None, int | None], who: str
) -> PricesInfo:
    now, (month, year, trial_days) = admin.clock(), wanted
    set_price(session, month=month, year=year, trial_days=trial_days, actor=who, now=now)
    details = {"month": month, "year": year, "trialDays": trial_days}
    record(session, at=now, actor=who, action="prices.set", details=details)
    return _prices(session, admin)


def _prices(session: Session, admin: AdminPart) -> PricesInfo:
    return PricesInfo(
        now=_sold(offered(session, admin.plans)["premium"]),
        file=_sold(admin.plans["premium"]),
        history=[PriceChange.model_validate(change) for change in price_history(session)],
    )


def _sold(plan: Plan) -> Prices:
    return Prices.model_construct(month=plan.price_rub, year=plan.price_rub_year, trial_days=plan.trial_days)


def _promo_info(promo: PromoCode) -> PromoInfo:
    shown = {name: getattr(promo, name) for name in PromoInfo.model_fields if name != "amount_off"}
    return PromoInfo(**shown, amount_off=roubles(promo.amount_off))


def _mail_info(mail: Mail) -> MailInfo:
    """What may open an account is not even shown to administrators."""
    info = MailInfo.model_validate(mail)
    return info.model_copy(update={"text": None}) if mail.reference.startswith(PRIVATE) else info
