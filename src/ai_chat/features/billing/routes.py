"""Plans, checkout, orders, the subscription, and the provider's notifications."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.billing.notifications import MAX_BODY_BYTES, is_sender, read_notification
from ai_chat.features.billing.orders import Checkout
from ai_chat.features.billing.periods import Period
from ai_chat.features.billing.pricing import Wish, price_of
from ai_chat.features.billing.queries import history_of, order_of
from ai_chat.features.billing.schemas import (
    CheckoutInfo,
    CheckoutRequest,
    OrderInfo,
    PeriodChanged,
    PeriodRequest,
    PlanInfo,
    PreviewInfo,
    PreviewRequest,
    PriceInfo,
    Received,
    SubscriptionInfo,
    preview_info,
    subscription_info,
)
from ai_chat.features.billing.service import Billing, Selling
from ai_chat.features.usage.plans import Plan
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.ids import parse_id
from ai_chat.kernel.money import roubles

BillingPart = Annotated[Billing, Depends(part(Billing))]

router = APIRouter(prefix="/api", tags=["billing"])

_PERIODS: tuple[Period, ...] = ("month", "year")
_BUYING = failures(
    ErrorCode.UNAUTHORIZED,
    ErrorCode.ALREADY_SUBSCRIBED,
    ErrorCode.PROMO_CODE_INVALID,
    ErrorCode.PAYMENT_REFUSED,
    ErrorCode.PAYMENTS_UNAVAILABLE,
)
_CHANGING = failures(
    ErrorCode.UNAUTHORIZED,
    ErrorCode.SUBSCRIPTION_NOT_FOUND,
    ErrorCode.ALREADY_SUBSCRIBED,
    ErrorCode.PAYMENT_REFUSED,
    ErrorCode.PAYMENTS_UNAVAILABLE,
)


@router.get("/plans", operation_id="listPlans", responses=failures())
async def list_plans(billing: BillingPart) -> Envelope[list[PlanInfo]]:
    """The plans with their prices and limits; no sign-in needed."""
    selling = billing.selling is not None
    return ok([_plan_info(plan, selling=selling) for plan in (await billing.plans_now()).values()])


@router.post("/subscription/checkout", operation_id="checkout", responses=_BUYING)
async def checkout(
    body: CheckoutRequest, user: SignedInUser, billing: BillingPart, request: Request
) -> Envelope[CheckoutInfo]:
    """Opens an order, or returns the one that is open, with the page to pay it on. The price is the plan's own."""
    if body.plan == "free":
        raise InvalidInput(FieldProblem("plan", "The free plan costs nothing."))
    wish = Wish(
        "purchase", body.plan, body.period, body.promo_code or None, body.save_method, _locale(request, billing)
    )
    return ok(_checkout_info(await _selling(billing).orders.checkout(user, wish)))


@router.post("/subscription/preview", operation_id="previewCheckout", responses=_BUYING)
async def preview(body: PreviewRequest, user: SignedInUser, billing: BillingPart) -> Envelope[PreviewInfo]:
    """What buying would cost now and give; nothing is opened, and no promo code taken."""
    wish = Wish("purchase", "premium", body.period, body.promo_code or None, body.save_method)
    return ok(preview_info(await _selling(billing).orders.preview(user, wish)))


@router.post("/subscription/period/preview", operation_id="previewPeriod", responses=_CHANGING)
async def preview_period(body: PeriodRequest, user: SignedInUser, billing: BillingPart) -> Envelope[PreviewInfo | None]:
    """What the change would cost now, less what is left of the paid time; null where it comes with the next renewal."""
    found = await billing.subscriptions.preview_change(user, body.period)
    return ok(preview_info(found) if found is not None else None)


@router.get(
    "/orders/{order_id}", operation_id="getOrder", responses=failures(ErrorCode.UNAUTHORIZED, ErrorCode.ORDER_NOT_FOUND)
)
async def get_order(order_id: str, user: SignedInUser, billing: BillingPart) -> Envelope[OrderInfo]:
    """An order as it stands; looks at the provider's first where it is still open."""
    wanted = parse_id(order_id)
    if wanted is None:
        raise AppError(ErrorCode.ORDER_NOT_FOUND)
    if billing.selling is not None:
        await billing.selling.orders.look(user.id, wanted)
    found = await billing.database.read(lambda session: order_of(session, user.id, wanted))
    if found is None:
        raise AppError(ErrorCode.ORDER_NOT_FOUND)
    return ok(found)


@router.get("/orders", operation_id="listOrders", responses=failures(ErrorCode.UNAUTHORIZED))
async def list_orders(user: SignedInUser, billing: BillingPart) -> Envelope[list[OrderInfo]]:
    """The person's orders, newest first."""
    return ok(await billing.database.read(lambda session: history_of(session, user.id)))


@router.get("/subscription", operation_id="getSubscription", responses=failures(ErrorCode.UNAUTHORIZED))
async def get_subscription(user: SignedInUser, billing: BillingPart) -> Envelope[SubscriptionInfo]:
    """The plan, how long it lasts, and what comes next."""
    return ok(subscription_info(await billing.subscriptions.view(user.id)))


@router.post("/subscription/cancel", operation_id="cancelSubscription", responses=_CHANGING)
async def cancel(user: SignedInUser, billing: BillingPart) -> Envelope[SubscriptionInfo]:
    """No further charge; Premium stays until the period ends."""
    return ok(subscription_info(await billing.subscriptions.cancel(user.id)))


@router.post("/subscription/resume", operation_id="resumeSubscription", responses=_CHANGING)
async def resume(user: SignedInUser, billing: BillingPart) -> Envelope[SubscriptionInfo]:
    """Takes a cancellation back while the period lasts."""
    return ok(subscription_info(await billing.subscriptions.resume(user.id)))


@router.post("/subscription/period", operation_id="changePeriod", responses=_CHANGING)
async def change_period(
    body: PeriodRequest, user: SignedInUser, billing: BillingPart, request: Request
) -> Envelope[PeriodChanged]:
    """To a year at once, paying the difference; to a month with the next renewal."""
    order = await billing.subscriptions.change_period(user, body.period, _locale(request, billing))
    if order is None:
        return ok(PeriodChanged(order_id=None, confirmation_url=None))
    return ok(PeriodChanged(order_id=order.order_id, confirmation_url=order.confirmation_url))


@router.post("/subscription/payment-method", operation_id="changePaymentMethod", responses=_CHANGING)
async def change_method(user: SignedInUser, billing: BillingPart, request: Request) -> Envelope[CheckoutInfo]:
    """Another card for the next charges; it is confirmed on the provider's page and not charged."""
    return ok(_checkout_info(await billing.subscriptions.new_card(user, _locale(request, billing))))


@router.delete("/subscription/payment-method", operation_id="removePaymentMethod", responses=_CHANGING)
async def remove_method(user: SignedInUser, billing: BillingPart) -> Envelope[SubscriptionInfo]:
    """Forgets the saved card: nothing is charged any more."""
    return ok(subscription_info(await billing.subscriptions.remove_card(user.id)))


@router.post(
    "/payments/yookassa/webhook",
    operation_id="yookassaWebhook",
    responses=failures(ErrorCode.FORBIDDEN, ErrorCode.PAYLOAD_TOO_LARGE),
)
async def yookassa_webhook(request: Request, billing: BillingPart) -> Envelope[Received]:
    """A notification of YooKassa's; from any other address 403. It is stored, and looked into afterwards."""
    selling, sender = billing.selling, request.scope["state"]["client_ip"]
    if selling is None or not is_sender(sender, selling.senders):
        raise AppError(ErrorCode.FORBIDDEN)
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise AppError(ErrorCode.PAYLOAD_TOO_LARGE)
    notification = read_notification(body)
    if notification is None:
        raise InvalidInput(FieldProblem("body", "The body is not a notification."))
    await selling.notifications.receive(*notification, body, sender)
    billing.jobs.wake()
    return ok(Received(received=True))


def _selling(billing: Billing) -> Selling:
    if billing.selling is None:
        raise AppError(ErrorCode.PAYMENTS_UNAVAILABLE, "Payments are not set up on this server.")
    return billing.selling


def _locale(request: Request, billing: Billing) -> Literal["ru", "en"]:
    """The language of pages and letters: the first of the browser's that we speak."""
    for part_of in request.headers.get("accept-language", "")[:200].lower().split(","):
        if part_of.strip().startswith("ru"):
            return "ru"
        if part_of.strip().startswith("en"):
            return "en"
    return "en" if billing.terms.locale == "en" else "ru"


def _checkout_info(checkout: Checkout) -> CheckoutInfo:
    return CheckoutInfo(order_id=checkout.order_id, confirmation_url=checkout.confirmation_url)


def _plan_info(plan: Plan, *, selling: bool) -> PlanInfo:
    prices = [
        PriceInfo(period=period, price=roubles(price_of(plan, period))) for period in _PERIODS if price_of(plan, period)
    ]
    return PlanInfo(
        id=plan.id,
        name=plan.name,
        price=plan.price_rub,
        currency="RUB",
        period="month",
        prices=prices or [PriceInfo(period="month", price=0)],
        on_sale=selling and bool(prices),
        trial_days=plan.trial_days,
        messages_per_day=plan.messages_per_day,
        chats_per_hour=plan.chats_per_hour,
        tokens_per_message=plan.tokens_per_message,
        context_tokens=plan.context_tokens,
    )
