"""The rules of accounts. Transactions are opened here only around database work: hashing a password takes longer than
a transaction may.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast
from uuid import UUID

import structlog
from sqlalchemy import Table, bindparam, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import SessionEndedEvent
from ai_chat.features.accounts.models import AuthSession, User
from ai_chat.features.accounts.passwords import Passwords
from ai_chat.features.accounts.throttle import SignInThrottle
from ai_chat.features.accounts.tokens import (
    API_TOKEN_LIFETIME,
    BROWSER_TOKEN_LIFETIME,
    REFRESH_LIFETIME,
    ROTATION_GRACE,
    SESSION_LIFETIME,
    AccessClaims,
    AccessTokens,
    new_refresh_token,
    refresh_hash,
    session_named_by,
)
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database
from ai_chat.storage.statements import Statement

_users, _sessions = cast("Table", User.__table__), cast("Table", AuthSession.__table__)
_WHO = Statement(
    select(
        _users.c.id,
        _users.c.email,
        _users.c.full_name,
        _users.c.subscription_tier,
        _users.c.subscription_expires_at,
        _users.c.role,
        _users.c.custom_instructions,
        _users.c.created_at,
        _users.c.blocked_at,
        _sessions.c.revoked_at,
        _sessions.c.expires_at,
        _sessions.c.user_id.label("session_user_id"),
    )
    .select_from(_users.outerjoin(_sessions, _sessions.c.id == bindparam("session")))
    .where(_users.c.id == bindparam("user"))
)
"""Asked with every request."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """Who makes a request, as the database knows them at this moment."""

    id: UUID
    session_id: UUID
    email: str
    full_name: str | None
    tier: Literal["free", "premium"]
    subscription_expires_at: datetime | None
    created_at: datetime
    role: Literal["user", "admin"] = "user"
    custom_instructions: str | None = None
    """What they ask of every answer."""


@dataclass(frozen=True, slots=True)
class Client:
    """Where a sign-in comes from."""

    ip: str
    user_agent: str | None
    is_browser: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client gets when it signs in. `refresh_token` is None where the browser's cookie stays as it is."""

    access_token: str
    refresh_token: str | None
    user: CurrentUser


class Accounts:
    """Registration, signing in and out, and who is asking."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        tokens: AccessTokens,
        throttle: SignInThrottle,
        live: LiveEvents,
        clock: Clock,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._tokens = tokens
        self._throttle = throttle
        self._live = live
        self._clock = clock

    async def register(self, email: str, password: str, full_name: str | None, client: Client) -> Grant:
        """A new account, signed in. USER_EXISTS, also when two arrive at the same moment."""
        taken = select(User.id).where(User.email == email)
        if await self._database.read(lambda session: session.scalar(taken)):
            raise AppError(ErrorCode.USER_EXISTS)
        password_hash = await self._passwords.hash(password)
        now = self._clock()
        user = User(
            id=new_id(), email=email, password_hash=password_hash, full_name=full_name, created_at=now, updated_at=now
        )
        user.subscription_tier = "free"

        def work(session: Session) -> Grant:
            session.add(user)
            session.flush()
            return self._open_session(session, user, client)

        try:
            grant = await self._database.write(work)
        except IntegrityError as problem:
            raise AppError(ErrorCode.USER_EXISTS) from problem
        log.info("registered", user=str(user.id))
        return grant

    async def login(self, email: str, password: str, client: Client) -> Grant:
        """INVALID_CREDENTIALS after the same time for a wrong password and an unknown address; TOO_MANY_ATTEMPTS."""
        async with self._throttle.attempt(email, client.ip) as attempt:
            found = select(User).where(User.email == email)
            user = await self._database.read(lambda session: session.scalar(found))
            right, fresh_hash = await self._passwords.verify(password, user.password_hash if user else None)
            if user is None or not right:
                await attempt.failed()
                raise AppError(ErrorCode.INVALID_CREDENTIALS)
            if user.blocked_at is not None:
                raise AppError(ErrorCode.FORBIDDEN, "This account is blocked.")
            await attempt.succeeded()
        known = user

        def work(session: Session) -> Grant:
            if fresh_hash is not None:  # of the password that was checked: one that was set meanwhile stays
                unchanged = User.id == known.id, User.password_hash == known.password_hash
                session.execute(update(User).where(*unchanged).values(password_hash=fresh_hash))
            return self._open_session(session, known, client)

        return await self._database.write(work)

    async def refresh(self, token: str) -> Grant:
        """A new access token for a browser's cookie, and a new cookie. A stolen, already replaced one ends the session."""
        now = self._clock()

        def work(session: Session) -> Grant | None:
            found = _living_session(session, token, now)
            user = session.get(User, found.user_id) if found is not None else None
            if found is None or user is None or user.blocked_at is not None:
                return None
            fresh = None
            if found.refresh_hash == refresh_hash(token):
                fresh = new_refresh_token(found.id)
                found.previous_hash, found.refresh_hash = found.refresh_hash, refresh_hash(fresh)
                found.rotated_at = now
                found.expires_at = min(now + REFRESH_LIFETIME, found.created_at + SESSION_LIFETIME)
            access = self._tokens.issue(AccessClaims(user.id, found.id), BROWSER_TOKEN_LIFETIME)
            return Grant(access, fresh, _current(user, found.id, now))

        grant = await self._database.write(work)
        if grant is None:
            raise AppError(ErrorCode.UNAUTHORIZED)
        return grant

    async def logout(self, *, access_token: str | None, refresh_token: str | None) -> None:
        """Ends the session that either token names; UNAUTHORIZED where neither names a living one."""
        now, session_id = self._clock(), None
        if access_token is not None:
            try:
                session_id = self._tokens.read(access_token).session_id
            except AppError:
                if refresh_token is None:
                    raise

        def work(session: Session) -> list[tuple[UUID, UUID]]:
            by_cookie = _living_session(session, refresh_token, now) if refresh_token is not None else None
            ending = [
                found for found in (session_id, by_cookie.id if by_cookie is not None else None) if found is not None
            ]
            ended = session.execute(
                update(AuthSession)
                .where(AuthSession.id.in_(ending), AuthSession.revoked_at.is_(None))
                .values(revoked_at=now)
                .returning(AuthSession.id, AuthSession.user_id)
            )
            return [(row.id, row.user_id) for row in ended]

        ended = await self._database.write(work)
        for ended_id, user_id in ended:
            self._live.publish(user_id, SessionEndedEvent(str(ended_id)))
        if not ended:
            raise AppError(ErrorCode.UNAUTHORIZED)

    def read_token(self, token: str) -> AccessClaims:
        """What a token of ours says; UNAUTHORIZED for any other. Whether it is still true is asked of `who`."""
        return self._tokens.read(token)

    async def authenticate(self, claims: AccessClaims) -> CurrentUser:
        """`who` in a transaction of its own."""
        return await self._database.read(lambda session: self.who(session, claims), brief=True)

    def who(self, session: Session, claims: AccessClaims) -> CurrentUser:
        """Who is meant; UNAUTHORIZED for a revoked session or a blocked user, USER_NOT_FOUND once deleted."""
        now = self._clock()
        row = _WHO.row(session, {"session": claims.session_id, "user": claims.user_id})
        if row is None:
            raise AppError(ErrorCode.USER_NOT_FOUND)
        living = row.session_user_id == claims.user_id and row.revoked_at is None and row.expires_at > now
        if not living or row.blocked_at is not None:
            raise AppError(ErrorCode.UNAUTHORIZED)
        return CurrentUser(
            id=row.id,
            session_id=claims.session_id,
            email=row.email,
            full_name=row.full_name,
            tier=effective_tier(row.subscription_tier, row.subscription_expires_at, now),
            subscription_expires_at=row.subscription_expires_at,
            created_at=row.created_at,
            role="admin" if row.role == "admin" else "user",
            custom_instructions=row.custom_instructions,
        )

    async def forget_old_sessions(self) -> None:
        """Deletes sessions that ended a week ago or more; the application calls it once a day."""
        long_ago = self._clock() - timedelta(days=7)
        old = delete(AuthSession).where(or_(AuthSession.expires_at < long_ago, AuthSession.revoked_at < long_ago))
        await self._database.write(lambda session: session.execute(old))

    def _open_session(self, session: Session, user: User, client: Client) -> Grant:
        now, session_id = self._clock(), new_id()
        refresh_token = new_refresh_token(session_id)
        opened = AuthSession(
            id=session_id,
            user_id=user.id,
            refresh_hash=refresh_hash(refresh_token),
            rotated_at=now,
            created_at=now,
            expires_at=now + REFRESH_LIFETIME,
            user_agent=client.user_agent,
        )
        session.add(opened)
        lifetime = BROWSER_TOKEN_LIFETIME if client.is_browser else API_TOKEN_LIFETIME
        access = self._tokens.issue(AccessClaims(user.id, opened.id), lifetime)
        return Grant(access, refresh_token, _current(user, opened.id, now))


def _living_session(session: Session, refresh_token: str, now: datetime) -> AuthSession | None:
    """The session whose refresh token this is, locked. It is found by its id and not by the token, so that a token that was
    replaced any number of times ago is still known for what it is: somebody else has refreshed, one of the two has stolen
    it, and the session ends.
    """
    session_id = session_named_by(refresh_token)
    if session_id is None:
        return None
    found = session.scalar(select(AuthSession).where(AuthSession.id == session_id).with_for_update())
    if found is None or found.revoked_at is not None:
        return None
    if found.expires_at <= now or found.created_at + SESSION_LIFETIME <= now:
        return None
    hashed = refresh_hash(refresh_token)
    if hashed == found.refresh_hash or (hashed == found.previous_hash and now - found.rotated_at <= ROTATION_GRACE):
        return found
    found.revoked_at = now
    log.warning(
        "a replaced refresh token came back: the session is ended", user=str(found.user_id), session=str(found.id)
    )
    return None


def effective_tier(tier: str, expires_at: datetime | None, now: datetime) -> Literal["free", "premium"]:
    """Premium until its time is over, whether or not a job has noticed that it is."""
    return "premium" if tier == "premium" and (expires_at is None or expires_at > now) else "free"


def _current(user: User, session_id: UUID, now: datetime) -> CurrentUser:
    return CurrentUser(
        id=user.id,
        session_id=session_id,
        email=user.email,
        full_name=user.full_name,
        tier=effective_tier(user.subscription_tier, user.subscription_expires_at, now),
        subscription_expires_at=user.subscription_expires_at,
        created_at=user.created_at,
        role="admin" if user.role == "admin" else "user",
        custom_instructions=user.custom_instructions,
    )
