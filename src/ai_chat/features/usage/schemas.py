"""Usage on the wire."""

from ai_chat.features.usage.plans import PlanId
from ai_chat.features.usage.service import Allowance
from ai_chat.http.schemas import Moment, WireModel


class AllowanceInfo(WireModel):
    limit: int
    used: int
    resets_at: Moment


class UsageInfo(WireModel):
    plan: PlanId
    messages: AllowanceInfo
    chats: AllowanceInfo
    tokens_per_message: int


def allowance_info(allowance: Allowance) -> AllowanceInfo:
    return AllowanceInfo(
        limit=allowance.limit, used=min(allowance.used, allowance.limit), resets_at=allowance.resets_at
    )
