"""The dashboard on the wire. Amounts are numbers of roubles, shares lie between 0 and 1."""

from ai_chat.http.schemas import WireModel


class DayInfo(WireModel):
    """A calendar day; counts are those at its end."""

    day: str
    revenue: float
    refunds: float
    cost: float
    mrr: float
    subscribers: int
    new_subscribers: int
    failed_renewals: int


class ShareInfo(WireModel):
    """Of a model, a plan or a person; `revenue` is what stayed of it after fees and refunds."""

    id: str
    name: str
    revenue: float
    cost: float
    messages: int


class FiguresInfo(WireModel):
    revenue: float
    refunds: float
    fees: float
    mrr: float
    active_subscribers: int
    new_subscribers: int
    canceled_subscribers: int
    users: int
    new_users: int
    conversion: float
    churn: float
    failed_renewals: int
    upstream_cost: float
    gross_margin: float
    rub_per_usd: float
    days: list[DayInfo]
    by_model: list[ShareInfo]
    by_plan: list[ShareInfo]
    by_user: list[ShareInfo]
    loss_making: list[ShareInfo]
