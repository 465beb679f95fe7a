"""`/api/auth/forgot-password` and what its letter leads to."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from ai_chat.features.accounts.recovery import Recovery
from ai_chat.features.accounts.schemas import EmailAddress, NewPassword
from ai_chat.http.schemas import CleanText, Envelope, WireModel, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode

router = APIRouter(prefix="/api/auth", tags=["auth"])
RecoveryPart = Annotated[Recovery, Depends(part(Recovery))]


class ForgotPasswordRequest(WireModel):
    email: EmailAddress
    language: Literal["ru", "en"] = "ru"
    """Of the letter."""


class LinkSent(WireModel):
    sent: bool
    """False where the server has no mail server. Nothing is said of whether there is such an account."""


class ResetPasswordRequest(WireModel):
    token: Annotated[CleanText, Field(max_length=200)]
    password: NewPassword


class PasswordSet(WireModel):
    email: str


@router.post("/forgot-password", operation_id="forgotPassword")
async def forgot_password(body: ForgotPasswordRequest, recovery: RecoveryPart) -> Envelope[LinkSent]:
    """Sends a link for a new password to this address, if it is an account's: at most one in ten minutes."""
    await recovery.send_link(body.email, body.language)
    return ok(LinkSent(sent=recovery.mailing))


@router.post("/reset-password", operation_id="resetPassword", responses=failures(ErrorCode.RECOVERY_LINK_INVALID))
async def reset_password(body: ResetPasswordRequest, recovery: RecoveryPart) -> Envelope[PasswordSet]:
    """Sets the password that the letter's token allows to set, and ends every session. API keys go on working."""
    return ok(PasswordSet(email=await recovery.set_password(body.token, body.password)))
