"""People as an administrator sees them, on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ai_chat.features.admin.people import Person
from ai_chat.features.admin.schemas import GrantInfo, PaymentInfo, payment_info
from ai_chat.http.schemas import CleanText, Moment, WireModel
from ai_chat.kernel.money import roubles


class UserInfo(WireModel):
    id: UUID
    email: str
    full_name: str | None
    role: str
    subscription_tier: str
    subscription_expires_at: Moment | None
    blocked_at: Moment | None
    created_at: Moment


class UserSubscription(WireModel):
    status: str
    period: str
    next_period: str | None
    price: float
    current_period_end: Moment
    cancel_at_period_end: bool
    past_due: bool
    auto_renew: bool
    attempts: int
    retry_at: Moment | None
    method: str | None


class UserDetail(UserInfo):
    subscription: UserSubscription | None
    grants: list[GrantInfo]
    payments: list[PaymentInfo]
    messages: int
    cost_usd: float
    last_message_at: Moment | None


class Block(WireModel):
    blocked: bool


class PremiumGift(WireModel):
    """So many days from now on, or for ever where no number is given."""

    days: Annotated[int, Field(ge=1, le=36_600)] | None = None
    reason: Annotated[CleanText, Field(min_length=1, max_length=250)]


def user_detail(found: Person) -> UserDetail:
    subscription = None
    if found.subscription is not None:
        same = (
            "status", "period", "next_period", "current_period_end", "cancel_at_period_end", "past_due", "auto_renew",
            "attempts", "retry_at",
        )  # fmt: skip
        subscription = UserSubscription(
            **{name: getattr(found.subscription, name) for name in same},
            price=roubles(found.subscription.price),
            method=found.method.title if found.method is not None else None,
        )
    return UserDetail(
        **UserInfo.model_validate(found.user).model_dump(by_alias=False, mode="python", round_trip=True),
        subscription=subscription,
        grants=[GrantInfo.model_validate(grant) for grant in found.grants],
        payments=[payment_info(payment, order) for payment, order in found.payments],
        messages=found.messages,
        cost_usd=float(found.cost_usd),
        last_message_at=found.last_message_at,
    )
