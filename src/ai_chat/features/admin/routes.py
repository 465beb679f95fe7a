"""`/api/admin`: for administrators; everybody else gets 404."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from ai_chat.features.accounts.deps import Administrator
from ai_chat.features.accounts.models import User
from ai_chat.features.admin.figures import Stretch, figures
from ai_chat.features.admin.schemas import (
    AuditInfo,
    FiguresInfo,
    MailInfo,
    PaymentDetail,
    PaymentInfo,
    Rate,
    RefundRequest,
    UserInfo,
    audit_info,
    detail_info,
    payment_info,
)
from ai_chat.features.admin.service import Admin, Filter
from ai_chat.http.schemas import Envelope, Moment, Page, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import parse_id

AdminPart = Annotated[Admin, Depends(part(Admin))]
_REFUSALS = failures(ErrorCode.UNAUTHORIZED, ErrorCode.NOT_FOUND)

router = APIRouter(prefix="/api/admin", tags=["admin"])


async def payment_filter(
    status: Annotated[str | None, Query(max_length=20)] = None,
    q: Annotated[str | None, Query(max_length=255)] = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> Filter:
    return Filter(status, q, since, until)


Wanted = Annotated[Filter, Depends(payment_filter)]
Cursor = Annotated[str | None, Query(max_length=36)]


@router.get("/payments", operation_id="adminListPayments", responses=_REFUSALS)
async def list_payments(
    admin: AdminPart, _who: Administrator, wanted: Wanted, cursor: Cursor = None
) -> Page[PaymentInfo]:
    """Payments, newest first; `q` is an e-mail address or the provider's id."""
    rows, following = await admin.payments(wanted, parse_id(cursor or ""))
    infos = [payment_info(payment, order) for payment, order in rows]
    return Page[PaymentInfo](success=True, data=infos, cursor=str(following) if following else None)


@router.get("/payments.csv", operation_id="adminExportPayments", response_class=Response, responses=_REFUSALS)
async def export_payments(admin: AdminPart, _who: Administrator, wanted: Wanted) -> Response:
    """The same payments as CSV."""
    headers = {"Content-Disposition": 'attachment; filename="payments.csv"'}
    return Response(await admin.payments_csv(wanted), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(
    "/payments/{payment_id}",
    operation_id="adminGetPayment",
    responses=failures(ErrorCode.UNAUTHORIZED, ErrorCode.NOT_FOUND, ErrorCode.PAYMENT_NOT_FOUND),
)
async def get_payment(payment_id: str, admin: AdminPart, _who: Administrator) -> Envelope[PaymentDetail]:
    """A payment with its order, refunds, grants, notifications and history."""
    return ok(detail_info(await admin.detail(_known(payment_id))))


@router.post(
    "/payments/{payment_id}/refund",
    operation_id="adminRefund",
    responses=failures(
        ErrorCode.UNAUTHORIZED,
        ErrorCode.NOT_FOUND,
        ErrorCode.PAYMENT_NOT_FOUND,
        ErrorCode.REFUND_NOT_POSSIBLE,
        ErrorCode.PAYMENTS_UNAVAILABLE,
    ),
)
async def refund(payment_id: str, body: RefundRequest, admin: AdminPart, who: Administrator) -> Envelope[PaymentDetail]:
    """Gives back all that is left, or `amount` roubles. All ends Premium at once, a part leaves it."""
    amount = int(body.amount * 100) if body.amount is not None else None
    return ok(detail_info(await admin.refund(_known(payment_id), amount, body.reason, who.id)))


@router.get("/users", operation_id="adminListUsers", responses=_REFUSALS)
async def list_users(
    admin: AdminPart, _who: Administrator, q: Annotated[str | None, Query(max_length=255)] = None, cursor: Cursor = None
) -> Page[UserInfo]:
    """People, newest first; `q` is a part of an e-mail address."""
    users, following = await admin.users(q, parse_id(cursor or ""))
    return Page[UserInfo](
        success=True, data=[_user_info(user) for user in users], cursor=str(following) if following else None
    )


@router.get("/dashboard", operation_id="adminDashboard", responses=_REFUSALS)
async def dashboard(
    admin: AdminPart, _who: Administrator, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> Envelope[FiguresInfo]:
    """Revenue, subscribers, renewals, costs and margins of the last days."""
    now = admin.clock()
    stretch = Stretch(now - timedelta(days=days), now + timedelta(seconds=1))
    found = await admin.database.read(lambda session: figures(session, stretch, admin.default_rate, now))
    return ok(FiguresInfo.model_validate(found))


@router.put("/exchange-rate", operation_id="adminSetRate", responses=_REFUSALS)
async def set_rate(body: Rate, admin: AdminPart, who: Administrator) -> Envelope[Rate]:
    """What a dollar costs in roubles from now on."""
    await admin.set_rate(Decimal(str(body.rub_per_usd)), who.id)
    return ok(body)


@router.get("/mails", operation_id="adminListMails", responses=_REFUSALS)
async def list_mails(admin: AdminPart, _who: Administrator) -> Envelope[list[MailInfo]]:
    """The newest letters, sent or not."""
    return ok([MailInfo.model_validate(mail) for mail in await admin.mails()])


@router.get("/audit", operation_id="adminAudit", responses=_REFUSALS)
async def list_audit(
    admin: AdminPart, _who: Administrator, user_id: Annotated[UUID | None, Query(alias="userId")] = None
) -> Envelope[list[AuditInfo]]:
    """The newest entries of the audit log."""
    return ok([audit_info(entry) for entry in await admin.audit(user_id)])


def _known(payment_id: str) -> UUID:
    found = parse_id(payment_id)
    if found is None:
        raise AppError(ErrorCode.PAYMENT_NOT_FOUND)
    return found


def _user_info(user: User) -> UserInfo:
    return UserInfo.model_validate(user)
