"""Access tokens (JWT, short-lived) and refresh tokens (random, kept by the browser in an HttpOnly cookie)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

import jwt

from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import parse_id

API_TOKEN_LIFETIME = timedelta(hours=24)
"""For plain API clients, which have no refresh."""
BROWSER_TOKEN_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=30)
"""How long a session lives without being refreshed."""
SESSION_LIFETIME = timedelta(days=90)
"""How long it lives at most, however often it is refreshed: a thief who is never noticed does not stay for ever."""
ROTATION_GRACE = timedelta(seconds=30)
"""How long the previous refresh token still works: two tabs may refresh at the same moment."""

_ALGORITHM = "HS256"
_ISSUER = "ai-chat"
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """Who the bearer says to be. The tier is not among it: it is read from the database."""

    user_id: UUID
    session_id: UUID


class AccessTokens:
    """Signs and checks access tokens."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._signed = lru_cache(maxsize=_REMEMBERED)(self._check)
        """A signature stays right; whether its session is still open is asked of the database every time."""

    def issue(self, claims: AccessClaims, lifetime: timedelta) -> str:
        now = self._clock()
        payload = {
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "iss": _ISSUER,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        return jwt.encode(payload, self._secret, algorithm=_ALGORITHM)

    def read(self, token: str) -> AccessClaims:
        """The claims of a token of ours that has not expired; UNAUTHORIZED otherwise."""
        claims, expires = self._signed(token)
        # Checked here and not by the library, so that the product's one clock decides.
        if expires <= self._clock().timestamp():
            raise AppError(ErrorCode.UNAUTHORIZED)
        return claims

    def _check(self, token: str) -> tuple[AccessClaims, float]:
        """What a token says and until when, if the signature is ours."""
        try:
            payload = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                options={"require": ["sub", "sid", "exp", "iss"], "verify_exp": False, "verify_iat": False},
            )
            user_id, session_id = parse_id(str(payload["sub"])), parse_id(str(payload["sid"]))
            expires = float(payload["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError) as problem:
            raise AppError(ErrorCode.UNAUTHORIZED) from problem
        if user_id is None or session_id is None:
            raise AppError(ErrorCode.UNAUTHORIZED)
        return AccessClaims(user_id, session_id), expires


def new_refresh_token(session_id: UUID) -> str:
    """`<session id>.<secret>`: whatever secret comes with it, the session that was meant can be found, and ended."""
    return f"{session_id}.{secrets.token_urlsafe(32)}"


def session_named_by(refresh_token: str) -> UUID | None:
    """The session of a refresh token, which may be forged; None where it is none of ours."""
    name, dot, _secret = refresh_token.partition(".")
    return parse_id(name) if dot else None


def refresh_hash(token: str) -> str:
    """What the database keeps of a refresh token. It is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
