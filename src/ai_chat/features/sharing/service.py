"""The rules of shared links: who may make them, what they show, and going on with what was shared."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import ChatCreatedEvent
from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.catalog.service import Catalog
from ai_chat.features.chats.copying import CopiedChat, CopiedMessage, store_chat
from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.chats.queries import message_of, owned_chat
from ai_chat.features.files.attached import AttachedFile, files_in, tokens_of
from ai_chat.features.files.queries import file_by_id
from ai_chat.features.files.schemas import file_info
from ai_chat.features.files.service import Files
from ai_chat.features.sharing.links import Links
from ai_chat.features.sharing.models import Share
from ai_chat.features.sharing.queries import (
    branch_of,
    count_shares,
    last_finished,
    living_share,
    shares_of,
    shows_file,
)
from ai_chat.features.sharing.schemas import CreateShareRequest, SharedChat, SharedMessage, ShareLink
from ai_chat.features.usage.service import Usage
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.ids import new_id, parse_id
from ai_chat.signals.rate_limiter import Limit, RateLimiter
from ai_chat.storage.database import Database

MOST_SHARES = 50
"""Of one chat."""
WRONG_LINKS = Limit(amount=60, seconds=60)
"""Links that open nothing, by the address that tries them."""


class Shares:
    """Everybody's shared links. Without a limiter guesses are not counted."""

    def __init__(
        self,
        database: Database,
        files: Files,
        usage: Usage,
        live: LiveEvents,
        links: Links,
        limiter: RateLimiter | None,
        clock: Clock,
        catalog: Catalog,
    ) -> None:
        self._database = database
        self._files = files
        self._usage = usage
        self._live = live
        self._links = links
        self._limiter = limiter
        self._clock = clock
        self._catalog = catalog

    async def create(self, user: CurrentUser, chat_id: UUID | None, wanted: CreateShareRequest) -> ShareLink:
        """CHAT_NOT_FOUND, MESSAGE_NOT_FOUND, TOO_MANY_SHARES, VALIDATION_ERROR for a chat with nothing to show."""
        now = self._clock()

        def work(session: Session) -> Share:
            chat = _owned(session, chat_id, user, lock=True)
            start = chat.leaf_id
            if wanted.message_id is not None:
                named = message_of(session, chat.id, parse_id(wanted.message_id))
                if named is None:
                    raise AppError(ErrorCode.MESSAGE_NOT_FOUND)
                start = named.id
            leaf = last_finished(session, chat, start)
            if leaf is None:
                raise InvalidInput(FieldProblem("messageId", "there is nothing to share yet"))
            if count_shares(session, chat.id) >= MOST_SHARES:
                raise AppError(ErrorCode.TOO_MANY_SHARES)
            share = Share(
                id=new_id(),
                chat_id=chat.id,
                leaf_id=leaf.id,
                title=chat.title,
                author=user.full_name if wanted.show_name else None,
                created_at=now,
                expires_at=now + timedelta(days=wanted.expires_in_days) if wanted.expires_in_days else None,
            )
            session.add(share)
            return share

        return self._info(await self._database.write(work))

    async def list(self, user: CurrentUser, chat_id: UUID | None) -> list[ShareLink]:
        """The living links of a chat, the newest first."""

        def work(session: Session) -> Sequence[Share]:
            return shares_of(session, _owned(session, chat_id, user).id, self._clock())

        return [self._info(share) for share in await self._database.read(work)]

    async def revoke(self, user: CurrentUser, chat_id: UUID | None, share_id: UUID | None) -> None:
        """SHARE_NOT_FOUND where the chat has no such link."""

        def work(session: Session) -> None:
            chat = _owned(session, chat_id, user)
            share = session.get(Share, share_id) if share_id is not None else None
            if share is None or share.chat_id != chat.id:
                raise AppError(ErrorCode.SHARE_NOT_FOUND)
            session.delete(share)

        await self._database.write(work)

    async def revoke_all(self, user: CurrentUser, chat_id: UUID | None) -> int:
        """Takes back every link to this chat; how many there were."""

        def work(session: Session) -> int:
            chat = _owned(session, chat_id, user)
            gone = session.execute(delete(Share).where(Share.chat_id == chat.id).returning(Share.id)).all()
            return len(gone)

        return await self._database.write(work)

    async def open(self, token: str, ip: str, skip: int) -> SharedChat:
        """What anybody with the link sees; SHARE_NOT_FOUND, also once it is taken back or over."""

        def work(session: Session) -> SharedChat:
            share = self._found(session, token)
            messages, more = branch_of(session, share, skip)
            return SharedChat(
                title=share.title,
                author=share.author,
                created_at=share.created_at,
                expires_at=share.expires_at,
                messages=[self._shown(message) for message in messages if message.role != "system"],
                older=skip + len(messages) if more else None,
            )

        async with self._counted(ip):
            return await self._database.read(work)

    async def file(self, token: str, ip: str, file_id: UUID | None) -> AttachedFile:
        """A file of a message that the link shows; FILE_NOT_FOUND for any other."""

        def work(session: Session) -> AttachedFile:
            share = self._found(session, token)
            if file_id is None or not shows_file(session, share, file_id):
                raise AppError(ErrorCode.FILE_NOT_FOUND)
            found = file_by_id(session, file_id)
            assert found is not None
            return found

        async with self._counted(ip):
            return await self._database.read(work)

    async def go_on(self, user: CurrentUser, token: str, ip: str) -> UUID:
        """Copies what is shared into a chat of the reader's own. It counts as a new chat."""

        def read(session: Session) -> tuple[Share, Chat, list[Message]]:
            share = self._found(session, token)
            messages, _ = branch_of(session, share, page=None)
            return share, session.get_one(Chat, share.chat_id), messages

        async with self._counted(ip):
            share, chat, messages = await self._database.read(read)
        now = self._clock()

        def write(session: Session) -> UUID:
            self._found(session, token)
            self._usage.count_new_chat(session, user.id, self._usage.plans[user.tier])
            lock_user(session, user.id)
            copies = self._files.copy(session, user, [file for one in messages for file in files_in(one.extra)])
            copied = [
                CopiedMessage(
                    parent=place - 1 if place else None,
                    role=cast("Literal['user', 'assistant', 'system']", message.role),
                    content=message.content,
                    tokens=message.size_tokens - tokens_of(files_in(message.extra)),
                    created_at=message.created_at,
                    model=message.model,
                    files=tuple(copies[file.id] for file in files_in(message.extra)),
                )
                for place, message in enumerate(messages)
            ]
            whole = CopiedChat(share.title, chat.model, copied, len(copied) - 1, now, now)
            return store_chat(session, user.id, whole)

        made = await self._database.write(write)
        self._live.publish(user.id, ChatCreatedEvent(str(made), share.title))
        return made

    def _found(self, session: Session, token: str) -> Share:
        share = living_share(session, self._links.read(token), self._clock())
        if share is None:
            raise AppError(ErrorCode.SHARE_NOT_FOUND)
        return share

    @asynccontextmanager
    async def _counted(self, ip: str) -> AsyncIterator[None]:
        """Whoever tries links that open nothing has to wait after a while; right ones cost nothing."""
        key = f"share:{ip}"
        if self._limiter is not None and not await self._limiter.is_open(WRONG_LINKS, key):
            seconds = WRONG_LINKS.seconds
            raise AppError(ErrorCode.TOO_MANY_LINKS, retry_after=seconds)
        try:
            yield
        except AppError as problem:
            if problem.code is ErrorCode.SHARE_NOT_FOUND and self._limiter is not None:
                await self._limiter.hit(WRONG_LINKS, key)
            raise

    def _info(self, share: Share) -> ShareLink:
        return ShareLink(
            id=share.id,
            token=self._links.token_of(share.id),
            url=self._links.address_of(share.id),
            title=share.title,
            show_name=share.author is not None,
            created_at=share.created_at,
            expires_at=share.expires_at,
        )

    def _shown(self, message: Message) -> SharedMessage:
        model = self._catalog.known(message.model) if message.model else None
        return SharedMessage(
            id=message.id,
            role=message.role,
            content=message.content,
            model=message.model,
            model_name=model.name if model is not None else message.model,
            attachments=[file_info(file) for file in files_in(message.extra)],
            created_at=message.created_at,
        )


def _owned(session: Session, chat_id: UUID | None, user: CurrentUser, *, lock: bool = False) -> Chat:
    chat = owned_chat(session, chat_id, user.id, lock=lock)
    if chat is None:
        raise AppError(ErrorCode.CHAT_NOT_FOUND)
    return chat
