"""What people change about themselves: name, address, password, preferences."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ai_chat.features.accounts.letters import Change, tell_of
from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import AccountChangedEvent, SessionEndedEvent
from ai_chat.features.accounts.models import AuthSession, User
from ai_chat.features.accounts.passwords import Passwords
from ai_chat.features.accounts.profile_schemas import PreferencesInfo, UpdateProfileRequest
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.accounts.throttle import SignInThrottle
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.database import Database

log = structlog.get_logger()


class Profiles:
    """Changes the signed-in person's own record; all their open pages are told."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        throttle: SignInThrottle,
        live: LiveEvents,
        clock: Clock,
        locale: str,
    ) -> None:
        """`locale` is the language of letters to those who have not chosen one."""
        self._locale = locale
        self._database = database
        self._passwords = passwords
        self._throttle = throttle
        self._live = live
        self._clock = clock

    async def change(self, user: CurrentUser, wanted: UpdateProfileRequest, ip: str) -> CurrentUser:
        """Changes what is named, and tells the address so far. WRONG_PASSWORD and TOO_MANY_ATTEMPTS as at signing in;
        USER_EXISTS for a taken address.
        """
        checked_hash = (
            await self.check_password(user, wanted.current_password or "", ip) if wanted.needs_password else None
        )
        fresh = await self._passwords.hash(wanted.new_password) if wanted.new_password is not None else None
        now = self._clock()

        def work(session: Session) -> tuple[CurrentUser, list[UUID]]:
            found = _locked(session, user.id)
            if checked_hash is not None and found.password_hash != checked_hash:
                raise AppError(ErrorCode.WRONG_PASSWORD)  # it was changed meanwhile, elsewhere
            if "full_name" in wanted.model_fields_set:
                found.full_name = (wanted.full_name or "").strip() or None
            changes: list[Change] = ["password"] if fresh is not None else []
            so_far = found.email
            if wanted.email is not None and wanted.email != so_far:
                found.email = wanted.email
                changes.append("address")
            found.updated_at = now
            session.flush()  # a taken address shows here
            locale = (found.preferences or {}).get("language") or self._locale
            tell_of(session, changes, user_id=user.id, recipient=so_far, email=found.email, locale=locale, now=now)
            changed = replace(user, email=found.email, full_name=found.full_name)
            if fresh is None:
                return changed, []
            found.password_hash = fresh
            others = AuthSession.user_id == user.id, AuthSession.id != user.session_id, AuthSession.revoked_at.is_(None)
            ended = update(AuthSession).where(*others).values(revoked_at=now).returning(AuthSession.id)
            return changed, list(session.scalars(ended))

        try:
            changed, ended = await self._database.write(work)
        except IntegrityError as problem:
            raise AppError(ErrorCode.USER_EXISTS) from problem
        if wanted.needs_password:
            log.info("sign-in changed", user=str(user.id), address=wanted.email is not None, password=fresh is not None)
        for session_id in ended:
            self._live.publish(user.id, SessionEndedEvent(str(session_id)))
        self._live.publish(user.id, AccountChangedEvent())
        return changed

    async def preferences(self, user_id: UUID) -> PreferencesInfo:
        return await self._database.read(lambda session: _preferences(session.get_one(User, user_id)))

    async def change_preferences(self, user_id: UUID, wanted: PreferencesInfo) -> PreferencesInfo:
        """Changes what is named and nothing else; null makes it unchosen."""
        changes: dict[str, Any] = wanted.model_dump(exclude_unset=True, by_alias=False)

        def work(session: Session) -> PreferencesInfo:
            user = _locked(session, user_id)
            if "custom_instructions" in changes:
                user.custom_instructions = changes["custom_instructions"] or None
            kept = (user.preferences or {}) | {
                name: value for name, value in changes.items() if name != "custom_instructions"
            }
            user.preferences = {name: value for name, value in kept.items() if value is not None} or None
            return _preferences(user)

        info = await self._database.write(work)
        self._live.publish(user_id, AccountChangedEvent())
        return info

    async def check_password(self, user: CurrentUser, password: str, ip: str) -> str:
        """The hash it was right for. Guessing here is slowed down together with guessing at the door."""
        async with self._throttle.attempt(user.email, ip) as attempt:
            stored = await self._database.read(
                lambda session: session.scalar(select(User.password_hash).where(User.id == user.id))
            )
            right, _ = await self._passwords.verify(password, stored)
            if stored is None or not right:
                await attempt.failed()
                raise AppError(ErrorCode.WRONG_PASSWORD)
            await attempt.succeeded()
        return stored


def _locked(session: Session, user_id: UUID) -> User:
    """Two changes at once are made one after the other."""
    found = session.scalar(select(User).where(User.id == user_id).with_for_update())
    if found is None:
        raise AppError(ErrorCode.USER_NOT_FOUND)
    return found


def _preferences(user: User) -> PreferencesInfo:
    return PreferencesInfo(custom_instructions=user.custom_instructions, **(user.preferences or {}))
