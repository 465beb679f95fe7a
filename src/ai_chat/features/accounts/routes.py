"""`/api/auth`: register, log in, who am I and how that changes, refresh, log out."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from ai_chat.features.accounts.deps import AccountsPart, BearerToken, ClientOf, ProfilesPart, SignedInUser
from ai_chat.features.accounts.profile_schemas import UpdateProfileRequest
from ai_chat.features.accounts.schemas import (
    FreshToken,
    LoginRequest,
    Profile,
    RegisterRequest,
    SignedIn,
    SignedOut,
    UserSummary,
)
from ai_chat.features.accounts.service import CurrentUser, Grant
from ai_chat.features.accounts.tokens import REFRESH_LIFETIME
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import AppError, ErrorCode

REFRESH_COOKIE = "refresh_token"
SIGNED_IN_COOKIE = "signed_in"
"""Says nothing but that somebody is signed in on this browser: `/` is then the app and not the page for visitors."""
_COOKIE_PATH = "/api/auth"

router = APIRouter(prefix="/api/auth", tags=["auth"])


@dataclass(frozen=True, slots=True)
class CookiePolicy:
    """Which pages may use the refresh cookie, and whether it travels over TLS only."""

    origins: frozenset[str]
    secure: bool


Cookies = Annotated[CookiePolicy, Depends(part(CookiePolicy))]


@router.post("/register", operation_id="register", responses=failures(ErrorCode.USER_EXISTS))
async def register(
    body: RegisterRequest,
    request: Request,
    response: Response,
    accounts: AccountsPart,
    client: ClientOf,
    cookies: Cookies,
) -> Envelope[SignedIn]:
    """Opens an account and signs in. `X-Client: web` asks for the browser's 15-minute token."""
    grant = await accounts.register(body.email, body.password, body.full_name or None, client)
    return _signed_in(grant, request, response, cookies)


@router.post(
    "/login", operation_id="login", responses=failures(ErrorCode.INVALID_CREDENTIALS, ErrorCode.TOO_MANY_ATTEMPTS)
)
async def login(
    body: LoginRequest, request: Request, response: Response, accounts: AccountsPart, client: ClientOf, cookies: Cookies
) -> Envelope[SignedIn]:
    """Signs in. The token in the body lives 24 hours, or 15 minutes with `X-Client: web`."""
    grant = await accounts.login(body.email, body.password, client)
    return _signed_in(grant, request, response, cookies)


@router.get("/me", operation_id="me", responses=failures(ErrorCode.UNAUTHORIZED, ErrorCode.USER_NOT_FOUND))
async def me(user: SignedInUser) -> Envelope[Profile]:
    """The signed-in user, as the database knows them now."""
    return ok(_profile(user))


@router.patch(
    "/me",
    operation_id="updateMe",
    responses=failures(
        ErrorCode.UNAUTHORIZED, ErrorCode.WRONG_PASSWORD, ErrorCode.USER_EXISTS, ErrorCode.TOO_MANY_ATTEMPTS
    ),
)
async def update_me(
    body: UpdateProfileRequest, user: SignedInUser, profiles: ProfilesPart, client: ClientOf
) -> Envelope[Profile]:
    """Changes name, address or password. A new password signs out every other device, and leaves API keys as they are."""
    return ok(_profile(await profiles.change(user, body, client.ip)))


@router.post("/refresh", operation_id="refresh", responses=failures(ErrorCode.UNAUTHORIZED))
async def refresh(
    request: Request, response: Response, accounts: AccountsPart, cookies: Cookies
) -> Envelope[FreshToken]:
    """A fresh 15-minute token for the refresh cookie, which is replaced at the same time."""
    token = request.cookies.get(REFRESH_COOKIE)
    if not token or not _same_page(request, cookies):
        raise AppError(ErrorCode.UNAUTHORIZED)
    grant = await accounts.refresh(token)
    if grant.refresh_token is not None:
        _set_cookie(response, request, cookies, grant.refresh_token)
    return ok(FreshToken(token=grant.access_token))


@router.post("/logout", operation_id="logout", responses=failures(ErrorCode.UNAUTHORIZED))
async def logout(
    request: Request, response: Response, accounts: AccountsPart, bearer: BearerToken, cookies: Cookies
) -> Envelope[SignedOut]:
    """Ends the session of the token, of the cookie, or of both: their tokens stop working at once."""
    cookie = request.cookies.get(REFRESH_COOKIE) if _same_page(request, cookies) else None
    await accounts.logout(access_token=bearer.credentials if bearer else None, refresh_token=cookie)
    forget_cookie(response)
    return ok(SignedOut(signed_out=True))


def forget_cookie(response: Response) -> None:
    """Take from the browser what says that somebody is signed in."""
    response.delete_cookie(REFRESH_COOKIE, path=_COOKIE_PATH)
    response.delete_cookie(SIGNED_IN_COOKIE, path="/")


def _signed_in(grant: Grant, request: Request, response: Response, cookies: CookiePolicy) -> Envelope[SignedIn]:
    assert grant.refresh_token is not None
    _set_cookie(response, request, cookies, grant.refresh_token)
    return ok(SignedIn(token=grant.access_token, user=_summary(grant.user)))


def _summary(user: CurrentUser) -> UserSummary:
    return UserSummary(id=user.id, email=user.email, full_name=user.full_name, subscription_tier=user.tier)


def _profile(user: CurrentUser) -> Profile:
    return Profile(
        id=user.id,
        email=user.email,
        full_name=user.full_name,
        subscription_tier=user.tier,
        role=user.role,
        subscription_expires_at=user.subscription_expires_at,
        created_at=user.created_at,
    )


def _same_page(request: Request, cookies: CookiePolicy) -> bool:
    """A browser names the page that sends; a foreign one may not use the cookie. Without a name it is no browser."""
    origin = request.headers.get("origin")
    return origin is None or origin in cookies.origins or _host_of(origin) == request.headers.get("host")


def _host_of(origin: str) -> str:
    """Host and port of an origin. Anybody can send one that is no address at all, so it is not parsed as one."""
    return origin.partition("://")[2]


def _set_cookie(response: Response, request: Request, cookies: CookiePolicy, token: str) -> None:
    origin = request.headers.get("origin", "")
    foreign_site = cookies.secure and origin in cookies.origins and _host_of(origin) != request.headers.get("host")
    response.set_cookie(
        REFRESH_COOKIE,
        token,
        max_age=int(REFRESH_LIFETIME.total_seconds()),
        path=_COOKIE_PATH,
        httponly=True,
        secure=cookies.secure,
        # A web app on another site (its own host at a page provider) needs None; the origin check above then guards it.
        samesite="none" if foreign_site else "strict",
    )
    age = int(REFRESH_LIFETIME.total_seconds())
    response.set_cookie(
        SIGNED_IN_COOKIE, "1", max_age=age, path="/", httponly=True, secure=cookies.secure, samesite="lax"
    )
