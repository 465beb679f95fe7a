"""API keys on the wire."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from ai_chat.features.accounts.keys import SCOPES, Scope
from ai_chat.http.schemas import CleanText, Moment, WireModel

_MOST_MODELS = 100


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text.strip()


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _written_out(value: object) -> object:
    """A moment is a text on our wire; a number would be taken for seconds, or milliseconds, since 1970."""
    if not isinstance(value, str):
        raise ValueError("must be a text, ISO-8601")  # noqa: TRY004 - what Pydantic makes a refusal of
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as problem:
        raise ValueError("is no moment that a calendar has") from problem


ModelId = Annotated[CleanText, Field(min_length=1, max_length=100)]


class CreateKeyRequest(WireModel):
    name: Annotated[CleanText, Field(min_length=1, max_length=100), AfterValidator(_name)]
    scopes: Annotated[
        list[Scope],
        Field(min_length=1, max_length=20, default_factory=lambda: list(SCOPES)),
        AfterValidator(_distinct),
    ]
    models: Annotated[list[ModelId], Field(min_length=1, max_length=_MOST_MODELS), AfterValidator(_distinct)] | None = (
        None
    )
    """The only models it may use; null for all of the plan."""
    daily_message_limit: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None
    monthly_spend_limit_usd: (
        Annotated[Decimal, Field(gt=0, le=100_000, max_digits=8, decimal_places=2, allow_inf_nan=False)] | None
    ) = None
    """What the answers may cost in a calendar month, by the prices of the catalogue."""
    expires_at: Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)] | None = None


class KeyUseInfo(WireModel):
    messages_today: int
    spent_this_month_usd: str


class ApiKeyInfo(WireModel):
    id: UUID
    name: str
    prefix: str
    """How the key begins."""
    scopes: list[Scope]
    models: list[str] | None
    daily_message_limit: int | None
    monthly_spend_limit_usd: str | None
    """US dollars as a decimal string."""
    used: KeyUseInfo
    created_at: Moment
    last_used_at: Moment | None
    """To about a minute."""
    expires_at: Moment | None


class NewApiKey(ApiKeyInfo):
    key: str
    """The secret. It is shown here and never again."""


class RevokedKey(WireModel):
    id: UUID
