"""Deleting one's own account: everything that is open is cut, and everything that is one's own is gone."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import SessionEndedEvent
from ai_chat.features.accounts.models import AuthSession, User
from ai_chat.features.accounts.profiles import Profiles
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.mail.models import Mail
from ai_chat.kernel.clock import Clock
from ai_chat.relay.relay import Relay
from ai_chat.storage.database import Database

_PATIENCE_SECONDS = 5.0
_LOOK_SECONDS = 0.1

log = structlog.get_logger()


class Leaving:
    """Deletes accounts at their owners' wish."""

    def __init__(self, database: Database, profiles: Profiles, relay: Relay, live: LiveEvents, clock: Clock) -> None:
        self._database = database
        self._profiles = profiles
        self._relay = relay
        self._live = live
        self._clock = clock

    async def leave(self, user: CurrentUser, password: str, ip: str) -> None:
        """WRONG_PASSWORD, TOO_MANY_ATTEMPTS. From the first moment nobody gets in any more; what is being written is stopped
        wherever it is; then all rows go. What was paid stays in the books, without a name.
        """
        await self._profiles.check_password(user, password, ip)
        await self._database.write(lambda session: self._shut(session, user.id))
        self._live.publish(user.id, SessionEndedEvent())
        await self._stop_answers(user.id)
        await self._database.write(lambda session: _forget(session, user.id))
        log.info("an account was deleted at its owner's wish", user=str(user.id))

    def _shut(self, session: Session, user_id: UUID) -> None:
        """As when an operator blocks somebody: every worker cuts what is open."""
        now = self._clock()
        session.execute(update(User).where(User.id == user_id).values(blocked_at=now, updated_at=now))
        living = AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None)
        session.execute(update(AuthSession).where(*living).values(revoked_at=now))

    async def _stop_answers(self, user_id: UUID) -> None:
        """Waits a little until they have ended as every answer ends; the rows of one that does not go all the same."""
        running = select(Generation.id).where(Generation.user_id == user_id, Generation.status == "running")
        told: set[UUID] = set()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while found := await self._database.read(lambda session: session.scalars(running).all()):
                    await asyncio.gather(*(self._relay.stop_anywhere(one) for one in found if one not in told))
                    told.update(found)
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            log.warning("answers of an account that is deleted do not end", user=str(user_id))


def _forget(session: Session, user_id: UUID) -> None:
    # Not left to the cascade: rows are locked in the order that generation_store.py names.
    chats: Sequence[UUID] = session.scalars(
        select(Chat.id).where(Chat.user_id == user_id).order_by(Chat.id).with_for_update()
    ).all()
    session.execute(delete(Generation).where(Generation.user_id == user_id))
    for start in range(0, len(chats), 500):
        session.execute(delete(Message).where(Message.chat_id.in_(chats[start : start + 500])))
    session.execute(delete(Chat).where(Chat.user_id == user_id))
    session.execute(delete(Mail).where(Mail.user_id == user_id))
    session.execute(delete(User).where(User.id == user_id))
