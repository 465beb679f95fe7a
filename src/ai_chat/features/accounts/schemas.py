"""Accounts on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field

from ai_chat.http.schemas import CleanText, Moment, WireModel

Tier = Literal["free", "premium"]


def _normal_address(text: str) -> str:
    """The address as we keep and compare it: lower case, normal form. One address is one account."""
    try:
        checked = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as problem:
        raise ValueError(f"is not an e-mail address: {problem}") from problem
    if "." not in checked.domain and "[" not in checked.domain:
        raise ValueError("is not an e-mail address: the part after @ has no dot")
    normal = checked.normalized.lower()
    if len(normal) > 255:
        raise ValueError("is longer than 255 characters")
    return normal


EmailAddress = Annotated[
    CleanText, Field(max_length=320), AfterValidator(_normal_address), Field(json_schema_extra={"format": "email"})
]


NewPassword = Annotated[CleanText, Field(min_length=8, max_length=1024)]


class RegisterRequest(WireModel):
    email: EmailAddress
    password: NewPassword
    full_name: Annotated[CleanText, Field(max_length=255)] | None = None


class LoginRequest(WireModel):
    email: EmailAddress
    password: Annotated[CleanText, Field(min_length=1, max_length=1024)]


class UserSummary(WireModel):
    id: UUID
    email: str
    full_name: str | None
    subscription_tier: Tier


class SignedIn(WireModel):
    token: str
    user: UserSummary


class FreshToken(WireModel):
    token: str


class SignedOut(WireModel):
    signed_out: bool


class Profile(UserSummary):
    role: Literal["user", "admin"]
    subscription_expires_at: Moment | None
    created_at: Moment
