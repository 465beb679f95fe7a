"""What other features' routes ask of accounts: who is making this request."""

from typing import Annotated

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ai_chat.features.accounts.access import OpenAccess
from ai_chat.features.accounts.profiles import Profiles
from ai_chat.features.accounts.service import Accounts, Client, CurrentUser
from ai_chat.features.accounts.tokens import AccessClaims
from ai_chat.http.access import remember_access
from ai_chat.http.state import part, part_of
from ai_chat.kernel.errors import AppError, ErrorCode

AccountsPart = Annotated[Accounts, Depends(part(Accounts))]
ProfilesPart = Annotated[Profiles, Depends(part(Profiles))]
OpenAccessPart = Annotated[OpenAccess, Depends(part(OpenAccess))]
_bearer = HTTPBearer(auto_error=False, description="Access token from register, login or refresh.")
BearerToken = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def claims_of(request: Request, bearer: BearerToken) -> AccessClaims:
    """Finds the parts by itself: each dependency of every request's costs as much as what it does."""
    if bearer is None:
        raise AppError(ErrorCode.UNAUTHORIZED)
    claims = part_of(request, Accounts).read_token(bearer.credentials)
    structlog.contextvars.bind_contextvars(user=str(claims.user_id))  # a name that tells a stranger nothing
    remember_access(request.scope, part_of(request, OpenAccess).of(claims.user_id, claims.session_id))
    return claims


Claims = Annotated[AccessClaims, Depends(claims_of)]
"""For those who ask `Accounts.who` in a transaction of their own: until then nobody is signed in."""


async def current_user(accounts: AccountsPart, claims: Claims) -> CurrentUser:
    return await accounts.authenticate(claims)


SignedInUser = Annotated[CurrentUser, Depends(current_user)]


async def administrator(user: SignedInUser) -> CurrentUser:
    """For everybody else these addresses do not exist."""
    if user.role != "admin":
        raise AppError(ErrorCode.NOT_FOUND)
    return user


Administrator = Annotated[CurrentUser, Depends(administrator)]


async def client_of(request: Request) -> Client:
    user_agent = request.headers.get("user-agent")
    return Client(
        ip=request.scope["state"]["client_ip"],
        user_agent=user_agent[:255].replace("\x00", "") if user_agent else None,
        is_browser=request.headers.get("x-client", "").lower() == "web",
    )


ClientOf = Annotated[Client, Depends(client_of)]
