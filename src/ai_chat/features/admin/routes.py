"""`/api/admin`: for administrators; everybody else gets 404."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from ai_chat.features.accounts.deps import Administrator
from ai_chat.features.admin.deps import AdminPart, Cursor, found_id
from ai_chat.features.admin.figure_schemas import FiguresInfo
from ai_chat.features.admin.figures import figures
from ai_chat.features.admin.schemas import PaymentDetail, PaymentInfo, RefundRequest, detail_info, payment_info
from ai_chat.features.admin.service import Filter
from ai_chat.http.schemas import Envelope, Moment, Page, failures, ok
from ai_chat.kernel.errors import ErrorCode

_REFUSALS = failures(ErrorCode.UNAUTHORIZED, ErrorCode.NOT_FOUND)

router = APIRouter(prefix="/api/admin", tags=["admin"])


async def payment_filter(
    status: Annotated[str | None, Query(max_length=20)] = None,
    kind: Annotated[str | None, Query(max_length=10)] = None,
    q: Annotated[str | None, Query(max_length=255)] = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> Filter:
    return Filter(status, kind, q, since, until)


Wanted = Annotated[Filter, Depends(payment_filter)]


@router.get("/payments", operation_id="adminListPayments", responses=_REFUSALS)
async def list_payments(
    admin: AdminPart, _who: Administrator, wanted: Wanted, cursor: Cursor = None
) -> Page[PaymentInfo]:
    """Payments, newest first. `q` is a part of an e-mail address, or an id of ours or the provider's; `status` may also be
    `refunded` (some of it) or `problem` (does not match its order).
    """
    rows, following = await admin.payments(wanted, cursor)
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
    return ok(detail_info(await admin.detail(found_id(payment_id, ErrorCode.PAYMENT_NOT_FOUND))))


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
    wanted = found_id(payment_id, ErrorCode.PAYMENT_NOT_FOUND)
    return ok(detail_info(await admin.refund(wanted, amount, body.reason, who.id, body.request_id)))


@router.get("/dashboard", operation_id="adminDashboard", responses=_REFUSALS)
async def dashboard(
    admin: AdminPart, _who: Administrator, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> Envelope[FiguresInfo]:
    """Revenue, subscribers, renewals, costs and margins of the last calendar days, today included."""
    found = await admin.database.read(
        lambda session: figures(session, days, admin.zone, admin.default_rate, admin.clock())
    )
    return ok(found)
