"""The way back in for whoever has forgotten their password: a link by e-mail, good for an hour and for one use.

Nothing is stored for it. A link is proved with the very password hash and address that it was made for: once either has
changed, it opens nothing.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from ai_chat.features.accounts.letters import tell_of
from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import SessionEndedEvent
from ai_chat.features.accounts.models import AuthSession, User
from ai_chat.features.accounts.passwords import Passwords
from ai_chat.features.mail.outbox import PRIVATE, queue
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import parse_id
from ai_chat.storage.database import Database

LIFETIME = timedelta(hours=1)
_BETWEEN_LETTERS_SECONDS = 600
_LETTERS: Mapping[str, tuple[str, str]] = {
    "ru": (
        "Новый пароль",
        (
            "Чтобы задать новый пароль, откройте эту ссылку. Она действует час и один раз: {url}\n\n"
            "Если вы этого не просили, ничего делать не нужно: пароль остался прежним."
        ),
    ),
    "en": (
        "A new password",
        (
            "Open this link to choose a new password. It is good for an hour, and once: {url}\n\n"
            "If you did not ask for it, there is nothing to do: your password is as it was."
        ),
    ),
}

log = structlog.get_logger()


class Recovery:
    """Sends the links and honours them. `page` is where a new password is chosen."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        live: LiveEvents,
        clock: Clock,
        *,
        secret: str,
        page: str,
        mailing: bool,
        locale: str,
    ) -> None:
        """`locale` is the language of letters to those who have not chosen one."""
        self._database = database
        self._passwords = passwords
        self._live = live
        self._clock = clock
        self._secret = secret.encode()
        self._page = page
        self._locale = locale
        self.mailing = mailing
        """A mail server is set; without one no link is made."""

    async def send_link(self, email: str, language: Literal["ru", "en"]) -> None:
        """Writes to the account of this address, if there is one, at most once in ten minutes."""
        if not self.mailing:
            return
        now = self._clock()
        subject, text = _LETTERS[language]

        def work(session: Session) -> None:
            user = session.scalar(select(User).where(User.email == email, User.blocked_at.is_(None)).with_for_update())
            if user is None:
                return
            token = self._token(user, int((now + LIFETIME).timestamp()))
            slot = int(now.timestamp()) // _BETWEEN_LETTERS_SECONDS
            queue(
                session, reference=f"{PRIVATE}recovery:{user.id}:{self._proof(user, 0)[:12]}:{slot}", user_id=user.id,
                recipient=user.email, subject=subject, text=text.format(url=f"{self._page}#{token}"), now=now,
            )  # fmt: skip

        await self._database.write(work)

    async def set_password(self, token: str, password: str) -> str:
        """The address of the account, which is told and whose every session has ended; RECOVERY_LINK_INVALID."""
        await self._database.read(lambda session: self._account_of(session, token, select(User)))
        fresh = await self._passwords.hash(password)
        now = self._clock()

        def work(session: Session) -> tuple[UUID, str, list[UUID]]:
            # Locked: of two uses at once one is the second.
            user = self._account_of(session, token, select(User).with_for_update())
            user.password_hash, user.updated_at = fresh, now
            locale = (user.preferences or {}).get("language") or self._locale
            tell_of(
                session, ["password"], user_id=user.id, recipient=user.email, email=user.email, locale=locale, now=now
            )
            open_ones = AuthSession.user_id == user.id, AuthSession.revoked_at.is_(None)
            ended = update(AuthSession).where(*open_ones).values(revoked_at=now).returning(AuthSession.id)
            return user.id, user.email, list(session.scalars(ended))

        user_id, email, ended = await self._database.write(work)
        log.info("password recovered", user=str(user_id))
        for session_id in ended:
            self._live.publish(user_id, SessionEndedEvent(str(session_id)))
        return email

    def _account_of(self, session: Session, token: str, users: Select[User]) -> User:
        """Whose link this is; RECOVERY_LINK_INVALID for one that is used, old, or not ours."""
        name, _, rest = token.partition(".")
        until, _, proof = rest.partition(".")
        user_id = parse_id(name)
        if user_id is None or not (until.isascii() and until.isdigit() and len(until) < 12):
            raise AppError(ErrorCode.RECOVERY_LINK_INVALID)
        user = session.scalar(users.where(User.id == user_id, User.blocked_at.is_(None)))
        if user is None or not hmac.compare_digest(proof.encode(), self._proof(user, int(until)).encode()):
            raise AppError(ErrorCode.RECOVERY_LINK_INVALID)
        if self._clock().timestamp() >= int(until):
            raise AppError(ErrorCode.RECOVERY_LINK_INVALID)
        return user

    def _token(self, user: User, until: int) -> str:
        return f"{user.id}.{until}.{self._proof(user, until)}"

    def _proof(self, user: User, until: int) -> str:
        said = f"recovery:{user.id}:{until}:{user.email}:{user.password_hash}"
        return urlsafe_b64encode(hmac.digest(self._secret, said.encode(), "sha256")).decode().rstrip("=")
