"""The rules of chats beside sending: create, list, change, stop, follow."""

import asyncio
from collections.abc import Sequence
from typing import Literal, TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import ChatCreatedEvent, ChatUpdatedEvent
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.catalog.service import Catalog
from ai_chat.features.chats.branches import towards_the_end
from ai_chat.features.chats.context import longest_system_prompt
from ai_chat.features.chats.folders import own_folder
from ai_chat.features.chats.listing import Wanted, list_chats
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.chats.queries import (
    MESSAGES_PAGE,
    ActiveGeneration,
    BranchPage,
    active_generations,
    branch_page,
    followed_by,
    latest_generation,
    message_of,
    owned_chat,
    running_generations,
    siblings_of,
)
from ai_chat.features.chats.schemas import (
    ActiveGenerationInfo,
    ChatInfo,
    ChatWithMessages,
    CreateChatRequest,
    MessageInfo,
    UpdateChatRequest,
)
from ai_chat.features.files.attached import files_in
from ai_chat.features.files.schemas import file_info
from ai_chat.features.usage.service import Usage
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.ids import new_id, parse_id
from ai_chat.kernel.tokens import estimate_tokens
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from ai_chat.storage.database import Database

DEFAULT_TITLE = "New chat"
Where: TypeAlias = Literal["end", "before", "after", "around"]
"""Which page of a branch; all but the first are those of a message that is named."""
_ARRANGEMENT = {"pinned", "archived", "folder_id"}
"""What puts a chat into another place without having happened in it."""


class Chats:
    """A user's chats."""

    def __init__(
        self, database: Database, catalog: Catalog, usage: Usage, relay: Relay, live: LiveEvents, clock: Clock
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._usage = usage
        self._relay = relay
        self._live = live
        self._clock = clock

    async def create(self, user: CurrentUser, wanted: CreateChatRequest) -> ChatInfo:
        """MODEL_NOT_FOUND, MODEL_NOT_IN_PLAN, CHAT_LIMIT_REACHED."""
        await self._check_model(user, wanted.model)
        now = self._clock()
        chat = Chat(
            id=new_id(),
            user_id=user.id,
            title=wanted.title or DEFAULT_TITLE,
            titled_by="person" if wanted.title else "nobody",
            model=wanted.model,
            system_prompt=None,
            temperature=0.7,
            created_at=now,
            updated_at=now,
        )

        def work(session: Session) -> None:
            self._usage.count_new_chat(session, user.id, self._usage.plans[user.tier])
            session.add(chat)

        await self._database.write(work)
        self._live.publish(user.id, ChatCreatedEvent(str(chat.id), chat.title))
        return _info(chat, ())

    async def list(self, user: CurrentUser, wanted: Wanted, cursor: str | None) -> tuple[list[ChatInfo], str | None]:
        def work(session: Session) -> tuple[list[ChatInfo], str | None]:
            chats, next_cursor = list_chats(session, user.id, wanted, cursor)
            running = active_generations(session, [chat.id for chat in chats])
            return [_info(chat, running.get(chat.id, ())) for chat in chats], next_cursor

        return await self._database.read(work)

    async def info(self, user: CurrentUser, chat_id: UUID | None) -> ChatInfo:
        """The chat without its messages."""

        def work(session: Session) -> ChatInfo:
            chat = _owned(session, chat_id, user)
            return _info(chat, _running_in(session, chat))

        return await self._database.read(work)

    async def get(
        self, user: CurrentUser, chat_id: UUID | None, where: Where = "end", message: str | None = None
    ) -> ChatWithMessages:
        """A page of the active branch: its newest messages, or those before, after or around a message."""
        named = parse_id(message) if message is not None else None
        if where != "end" and named is None:
            raise InvalidInput(FieldProblem(where, "is not an id"))

        def work(session: Session) -> ChatWithMessages:
            chat = _owned(session, chat_id, user)
            rows, cursor = _page(session, chat, where, named)
            siblings = siblings_of(session, chat.id, [message for message, _ in rows])
            newest = rows[-1][0].id if rows else chat.leaf_id
            return ChatWithMessages(
                **_info(chat, _running_in(session, chat)).model_dump(by_alias=False),
                messages=[_message_info(message, made, siblings[message.parent_id]) for message, made in rows],
                messages_cursor=cursor,
                messages_after=newest if newest != chat.leaf_id else None,
            )

        return await self._database.read(work)

    async def message(self, user: CurrentUser, chat_id: UUID | None, message_id: UUID | None) -> MessageInfo:
        """One message, also of a branch that is not the active one."""

        def work(session: Session) -> MessageInfo:
            chat = _owned(session, chat_id, user)
            message = message_of(session, chat.id, message_id)
            if message is None:
                raise AppError(ErrorCode.MESSAGE_NOT_FOUND)
            made = session.scalar(select(Generation.id).where(Generation.message_id == message.id))
            return _message_info(message, made, siblings_of(session, chat.id, [message])[message.parent_id])

        return await self._database.read(work)

    async def change(self, user: CurrentUser, chat_id: UUID | None, wanted: UpdateChatRequest) -> ChatInfo:
        """Changes what is named and nothing else."""
        longest = longest_system_prompt(self._usage.plans[user.tier])
        if wanted.system_prompt is not None and estimate_tokens(wanted.system_prompt) > longest:
            raise InvalidInput(FieldProblem("systemPrompt", f"is longer than the {longest} tokens of your plan"))
        changes = {
            name: getattr(wanted, name) for name in wanted.model_fields_set if name in UpdateChatRequest.model_fields
        }
        if wanted.model is not None:
            await self._database.read(lambda session: _owned(session, chat_id, user))
            await self._check_model(user, wanted.model)

        def work(session: Session) -> ChatInfo:
            chat = _owned(session, chat_id, user, lock=True)
            if changes.get("folder_id") is not None:
                changes["folder_id"] = own_folder(session, parse_id(wanted.folder_id or ""), user.id)
            for name, value in changes.items():
                setattr(chat, name, value)
            if "title" in changes:
                chat.titled_by = "person"
            if changes.keys() - _ARRANGEMENT:
                chat.updated_at = self._clock()
            return _info(chat, _running_in(session, chat))

        info = await self._database.write(work)
        self._live.publish(user.id, changed_event(info))
        return info

    async def stop(self, user: CurrentUser, chat_id: UUID | None, generation_id: str | None) -> bool:
        """Stops all answers that are being written in this chat, or the one that is named; False where there is none."""
        running = await self._database.read(
            lambda session: running_generations(session, _owned(session, chat_id, user).id)
        )
        if generation_id is not None:
            named = parse_id(generation_id)
            running = [found for found in running if found == named]
        return any(await asyncio.gather(*map(self._relay.stop_anywhere, running)))

    async def follow(self, user: CurrentUser, chat_id: UUID | None, generation_id: str | None) -> FrameLog | None:
        """The log of the named generation, of the running one, or of the last; None where there is nothing to read."""

        def work(session: Session) -> UUID | None:
            chat = _owned(session, chat_id, user)
            if generation_id is None:
                return latest_generation(session, chat.id)
            return session.scalar(
                select(Generation.id).where(Generation.id == parse_id(generation_id), Generation.chat_id == chat.id)
            )

        wanted = await self._database.read(work)
        return await self._relay.find_log(wanted) if wanted is not None else None

    async def _check_model(self, user: CurrentUser, model_id: str) -> None:
        model = await self._catalog.find(model_id)
        model.must_be_open_to(user.tier)


def _page(session: Session, chat: Chat, where: Where, named: UUID | None) -> BranchPage:
    if named is None:
        return branch_page(session, chat, chat.leaf_id)
    if where == "before":
        return branch_page(session, chat, followed_by(session, chat, named))
    if where == "around":
        newest, _ = towards_the_end(session, chat, named, MESSAGES_PAGE // 2)
        return branch_page(session, chat, newest)
    newest, count = towards_the_end(session, chat, named, MESSAGES_PAGE)
    return branch_page(session, chat, newest, count) if count else ([], None)


def changed_event(info: ChatInfo) -> ChatUpdatedEvent:
    """What pages are told of a chat that was changed."""
    folder = str(info.folder_id) if info.folder_id is not None else None
    return ChatUpdatedEvent(str(info.id), info.title, pinned=info.pinned, archived=info.archived, folder_id=folder)


def _owned(session: Session, chat_id: UUID | None, user: CurrentUser, *, lock: bool = False) -> Chat:
    """The user's chat; CHAT_NOT_FOUND for any other."""
    chat = owned_chat(session, chat_id, user.id, lock=lock)
    if chat is None:
        raise AppError(ErrorCode.CHAT_NOT_FOUND)
    return chat


def _running_in(session: Session, chat: Chat) -> Sequence[ActiveGeneration]:
    return active_generations(session, [chat.id]).get(chat.id, ())


def _message_info(message: Message, generation_id: UUID | None, siblings: list[UUID]) -> MessageInfo:
    return MessageInfo(
        id=message.id,
        chat_id=message.chat_id,
        parent_id=message.parent_id,
        sibling_ids=siblings,
        role=message.role,
        content=message.content,
        reasoning=message.reasoning,
        status=message.status,
        model=message.model,
        served_by=(message.extra or {}).get("servedBy"),
        reasoning_seconds=(message.extra or {}).get("reasoningSeconds"),
        finish_reason=message.finish_reason,
        error_code=message.error_code,
        tokens_used=message.tokens_used,
        cost=None if message.cost_usd is None else format(message.cost_usd, "f"),
        generation_id=generation_id,
        attachments=[file_info(file) for file in files_in(message.extra)],
        created_at=message.created_at,
    )


def _info(chat: Chat, running: Sequence[ActiveGeneration]) -> ChatInfo:
    return ChatInfo(
        id=chat.id,
        user_id=chat.user_id,
        title=chat.title,
        model=chat.model,
        system_prompt=chat.system_prompt,
        temperature=chat.temperature,
        pinned=chat.pinned,
        archived=chat.archived,
        folder_id=chat.folder_id,
        active_generation_id=running[0].id if running else None,
        active_generations=[
            ActiveGenerationInfo(generation_id=found.id, message_id=found.message_id, model=found.model)
            for found in running
        ],
        created_at=chat.created_at,
        updated_at=chat.updated_at,
    )
