"""Buying on the wire. Prices are numbers of roubles."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from ai_chat.features.billing.models import Order
from ai_chat.features.billing.orders import Preview
from ai_chat.features.billing.periods import Period
from ai_chat.features.billing.subscriptions import View
from ai_chat.features.usage.plans import PlanId
from ai_chat.http.schemas import CleanText, Moment, WireModel
from ai_chat.kernel.money import roubles

OrderStatus = Literal["pending", "paid", "canceled", "refunded"]


class PriceInfo(WireModel):
    period: Period
    price: float


class PlanInfo(WireModel):
    """A plan, its price a month, all its prices, and its limits."""

    id: PlanId
    name: str
    price: float
    currency: Literal["RUB"]
    period: Period
    prices: list[PriceInfo]
    on_sale: bool
    """Whether it can be bought on this server."""
    trial_days: int
    messages_per_day: int
    chats_per_hour: int
    tokens_per_message: int
    context_tokens: int


class CheckoutRequest(WireModel):
    """`saveMethod` is the person's consent to be charged again each period."""

    plan: PlanId
    period: Period = "month"
    promo_code: Annotated[CleanText, Field(max_length=40)] | None = None
    save_method: bool = False


class CheckoutInfo(WireModel):
    order_id: UUID
    confirmation_url: str


class PreviewRequest(WireModel):
    period: Period = "month"
    promo_code: Annotated[CleanText, Field(max_length=40)] | None = None
    save_method: bool = False


class PreviewInfo(WireModel):
    kind: Literal["purchase", "trial", "change"]
    price: float
    discount: float
    credit: float
    """What is left of the money paid for time that has not passed."""
    amount: float
    """To be paid now."""
    free_days: int
    premium_until: Moment


class PeriodRequest(WireModel):
    period: Period


class OrderInfo(WireModel):
    id: UUID
    kind: Literal["purchase", "trial", "renewal", "change", "card"]
    status: OrderStatus
    plan: PlanId
    period: Period
    amount: float
    price: float
    discount: float
    credit: float
    currency: str
    promo_code: str | None
    confirmation_url: str | None
    """Where to pay it, while it can be."""
    reason: str | None
    """Why it was canceled, in the provider's word."""
    refunded: float
    receipt: Literal["pending", "succeeded", "canceled"] | None
    method: str | None
    created_at: Moment
    paid_at: Moment | None


class MethodInfo(WireModel):
    type: str
    title: str


class SubscriptionInfo(WireModel):
    plan: PlanId
    status: Literal["active", "canceled", "expired"]
    current_period_start: Moment | None
    current_period_end: Moment | None
    cancel_at_period_end: bool
    period: Period | None
    next_period: Period | None
    price: float
    auto_renew: bool
    next_charge_at: Moment | None
    past_due: bool
    grace_until: Moment | None
    trial: bool
    payment_method: MethodInfo | None


class PeriodChanged(WireModel):
    """Where to pay the difference; null where the change comes with the next renewal."""

    order_id: UUID | None
    confirmation_url: str | None


class Received(WireModel):
    received: bool


def subscription_info(view: View) -> SubscriptionInfo:
    method = None
    if view.method_type is not None and view.method_title is not None:
        method = MethodInfo(type=view.method_type, title=view.method_title)
    return SubscriptionInfo(
        plan=view.plan,
        status=view.status,
        current_period_start=view.current_period_start,
        current_period_end=view.current_period_end,
        cancel_at_period_end=view.cancel_at_period_end,
        period=view.period,
        next_period=view.next_period,
        price=roubles(view.price),
        auto_renew=view.auto_renew,
        next_charge_at=view.next_charge_at,
        past_due=view.past_due,
        grace_until=view.grace_until,
        trial=view.trial,
        payment_method=method,
    )


def preview_info(preview: Preview) -> PreviewInfo:
    order = preview.order
    return PreviewInfo.model_validate(
        {
            **{name: roubles(getattr(order, name)) for name in ("price", "discount", "credit", "amount")},
            "kind": order.kind,
            "free_days": order.free_days,
            "premium_until": preview.premium_until,
        }
    )


def order_info(
    order: Order, *, confirmation_url: str | None, refunded: int, receipt: str | None, method: str | None
) -> OrderInfo:
    return OrderInfo.model_validate(
        {
            **{
                name: getattr(order, name)
                for name in ("id", "kind", "status", "plan", "period", "currency", "promo_code")
            },
            **{name: roubles(getattr(order, name)) for name in ("amount", "price", "discount", "credit")},
            "confirmation_url": confirmation_url if order.status == "pending" else None,
            "reason": order.reason,
            "refunded": roubles(refunded),
            "receipt": receipt,
            "method": method,
            "created_at": order.created_at,
            "paid_at": order.paid_at,
        }
    )
