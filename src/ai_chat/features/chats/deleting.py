"""Deleting chats so that it can be taken back for a while: a deleted chat exists for nobody, and its rows go some minutes later."""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import ChatCreatedEvent, ChatDeletedEvent
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.chats.queries import owned_chat, running_generations
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.relay.relay import Relay
from ai_chat.storage.database import Database

UNDO = timedelta(minutes=5)
"""How long a deletion can be taken back."""
_LOOK_SECONDS = 20.0
_CHATS_A_LOOK = 100
_MESSAGES_AT_ONCE = 200
"""More in one transaction would keep others waiting."""

log = structlog.get_logger()


class Deleting:
    """Deletes users' chats, restores them, and does away with those that nobody can restore any more."""

    def __init__(self, database: Database, relay: Relay, live: LiveEvents, clock: Clock) -> None:
        self._database = database
        self._relay = relay
        self._live = live
        self._clock = clock

    async def delete(self, user: CurrentUser, chat_id: UUID | None) -> UUID:
        """From now on the chat does not exist; running answers are stopped."""

        def work(session: Session) -> tuple[UUID, list[UUID]]:
            chat = owned_chat(session, chat_id, user.id, lock=True)
            if chat is None:
                raise AppError(ErrorCode.CHAT_NOT_FOUND)
            chat.purge_at = self._clock() + UNDO
            return chat.id, running_generations(session, chat.id)

        deleted, running = await self._database.write(work)
        self._live.publish(user.id, ChatDeletedEvent(str(deleted)))
        await asyncio.gather(*map(self._relay.stop_anywhere, running))
        return deleted

    async def restore(self, user: CurrentUser, chat_id: UUID | None) -> UUID:
        """Takes a deletion back; CHAT_NOT_FOUND when it is too late. What is not deleted stays as it is."""

        def work(session: Session) -> tuple[Chat, bool]:
            wanted = select(Chat).where(Chat.id == chat_id, Chat.user_id == user.id).with_for_update()
            chat = session.scalars(wanted).one_or_none()
            if chat is None or (chat.purge_at is not None and chat.purge_at <= self._clock()):
                raise AppError(ErrorCode.CHAT_NOT_FOUND)
            was_deleted, chat.purge_at = chat.purge_at is not None, None
            return chat, was_deleted

        chat, was_deleted = await self._database.write(work)
        if was_deleted:
            self._live.publish(user.id, ChatCreatedEvent(str(chat.id), chat.title))
        return chat.id

    async def run(self) -> None:
        """A task of the application's; any number of workers may do the same."""
        while True:
            try:
                await self.purge_due()
            except Exception:
                log.exception("purging deleted chats failed")
            await asyncio.sleep(_LOOK_SECONDS)

    async def purge_due(self) -> int:
        """Does away with what nobody can restore any more. Returns how many chats."""
        now, purged = self._clock(), 0
        due = select(Chat.id).where(Chat.purge_at.is_not(None), Chat.purge_at <= now).order_by(Chat.purge_at)
        for chat_id in await self._database.read(lambda session: session.scalars(due.limit(_CHATS_A_LOOK)).all()):
            more = True
            while more:
                more = await self._database.write(lambda session, chat_id=chat_id: _purge_some(session, chat_id))  # type: ignore[misc]
            purged += 1
        return purged


def _purge_some(session: Session, chat_id: UUID) -> bool:
    """Deletes a part of a deleted chat, its last part with the chat itself; True where there is more. Killed half-way, it is
    gone on with: nobody sees the chat any more.
    """
    locked = select(Chat.id).where(Chat.id == chat_id, Chat.purge_at.is_not(None)).with_for_update(skip_locked=True)
    if session.scalar(locked) is None:
        return False  # another worker is at it
    # Not left to the cascade: rows are locked in the order that generation_store.py names.
    session.execute(delete(Generation).where(Generation.chat_id == chat_id))
    some = select(Message.id).where(Message.chat_id == chat_id).order_by(Message.id).limit(_MESSAGES_AT_ONCE)
    ids = session.scalars(some).all()
    session.execute(delete(Message).where(Message.id.in_(ids)))
    if len(ids) == _MESSAGES_AT_ONCE:
        return True
    session.execute(delete(Chat).where(Chat.id == chat_id))
    return False
