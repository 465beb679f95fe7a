"""The operator's own things on the wire: promo codes, prices, the exchange rate, letters, the state of the books."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from ai_chat.features.admin.schemas import AuditInfo
from ai_chat.http.schemas import CleanText, Moment, WireModel


class PromoInfo(WireModel):
    id: UUID
    code: str
    percent_off: int
    amount_off: float
    free_days: int
    period: Literal["month", "year"] | None
    max_uses: int | None
    used: int
    expires_at: Moment | None
    disabled_at: Moment | None
    created_at: Moment


class PromoRequest(WireModel):
    """At least one of percent, roubles and days. Whoever has a discount of everything pays nothing."""

    code: Annotated[CleanText, Field(min_length=1, max_length=40)]
    percent_off: Annotated[int, Field(ge=0, le=100)] = 0
    amount_off: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Roubles."""
    free_days: Annotated[int, Field(ge=0, le=3_660)] = 0
    period: Literal["month", "year"] | None = None
    max_uses: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    expires_at: Moment | None = None


class Prices(WireModel):
    """Of Premium, in roubles; a year for 0 is not offered."""

    month: Annotated[int, Field(ge=1, le=1_000_000)]
    year: Annotated[int, Field(ge=0, le=10_000_000)]
    trial_days: Annotated[int, Field(ge=0, le=366)]


class PriceChange(WireModel):
    """Null prices: those of the plans file again."""

    month: int | None
    year: int | None
    trial_days: int | None
    valid_from: Moment
    set_by: str


class PricesInfo(WireModel):
    """What is sold now, what the plans file says, and what was set when."""

    now: Prices
    file: Prices
    history: list[PriceChange]


class Rate(WireModel):
    rub_per_usd: Annotated[float, Field(gt=0, le=100_000)]


class RateChange(Rate):
    valid_from: Moment


class RatesInfo(WireModel):
    """The rate of now, and what was set when, the newest first. Before the first, the settings' one."""

    now: float
    history: list[RateChange]


class MailInfo(WireModel):
    id: UUID
    recipient: str
    subject: str
    text: str | None
    """None where it is for its reader's eyes only."""
    status: str
    problem: str | None
    created_at: Moment
    sent_at: Moment | None


class Waiting(WireModel):
    """How many rows wait for something."""

    payments: int
    refunds: int
    notifications: int
    letters: int
    letters_failed: int
    past_due: int


class ConditionInfo(WireModel):
    """`complaints` is empty where the books are right; `accounts` are the ledger's balances in roubles."""

    complaints: list[str]
    notes: list[str]
    accounts: dict[str, float]
    waiting: Waiting
    next_sweep_at: Moment | None
    alerts: list[AuditInfo]
    selling: bool
    """A shop is set."""
    mailing: bool
    """A mail server is set."""
