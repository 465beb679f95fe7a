"""The rules of chats beside sending: create, list, change, delete, stop, follow."""

from uuid import UUID

from sqlalchemy import delete, select

from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.catalog.service import Catalog
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.chats.queries import (
    branch_page,
    latest_generation,
    list_chats,
    owned_chat,
    running_generation,
    running_generations,
)
from ai_chat.features.chats.schemas import (
    ChatInfo,
    ChatWithMessages,
    CreateChatRequest,
    MessageInfo,
    UpdateChatRequest,
)
from ai_chat.features.usage.service import Usage
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.ids import new_id, parse_id
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from ai_chat.storage.database import Database

DEFAULT_TITLE = "New chat"


class Chats:
    """A user's chats."""

    def __init__(self, database: Database, catalog: Catalog, usage: Usage, relay: Relay, clock: Clock) -> None:
        self._database = database
        self._catalog = catalog
        self._usage = usage
        self._relay = relay
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
        async with self._database.write() as session:
            await self._usage.count_new_chat(session, user.id, self._usage.plans[user.tier])
            session.add(chat)
        return _info(chat, None)

    async def list(self, user: CurrentUser, cursor: str | None) -> tuple[list[ChatInfo], str | None]:
        async with self._database.read() as session:
            chats, next_cursor = await list_chats(session, user.id, cursor)
            running = await running_generations(session, [chat.id for chat in chats])
        return [_info(chat, running.get(chat.id)) for chat in chats], next_cursor

    async def get(self, user: CurrentUser, chat_id: UUID | None, before: str | None) -> ChatWithMessages:
        before_id = parse_id(before) if before is not None else None
        if before is not None and before_id is None:
            raise InvalidInput(FieldProblem("before", "is not an id"))
        async with self._database.read() as session:
            chat = await owned_chat(session, chat_id, user.id)
            if chat is None:
                raise AppError(ErrorCode.CHAT_NOT_FOUND)
            rows, cursor = await branch_page(session, chat, before_id)
            running = await running_generation(session, chat.id)
        messages = [
            MessageInfo(
                id=message.id,
                chat_id=message.chat_id,
                parent_id=message.parent_id,
                role=message.role,
                content=message.content,
                reasoning=message.reasoning,
                status=message.status,
                model=message.model,
                finish_reason=message.finish_reason,
                error_code=message.error_code,
                tokens_used=message.tokens_used,
                cost=None if message.cost_usd is None else format(message.cost_usd, "f"),
                generation_id=generation_id,
                created_at=message.created_at,
            )
            for message, generation_id in rows
        ]
        return ChatWithMessages(
            **_info(chat, running).model_dump(by_alias=False), messages=messages, messages_cursor=cursor
        )

    async def change(self, user: CurrentUser, chat_id: UUID | None, wanted: UpdateChatRequest) -> ChatInfo:
        """Changes what is named and nothing else."""
        changes = {
            name: getattr(wanted, name) for name in wanted.model_fields_set if name in UpdateChatRequest.model_fields
        }
        if wanted.model is not None:
            await self.must_own(user, chat_id)
            await self._check_model(user, wanted.model)
        async with self._database.write() as session:
            chat = await owned_chat(session, chat_id, user.id, lock=True)
            if chat is None:
                raise AppError(ErrorCode.CHAT_NOT_FOUND)
            for name, value in changes.items():
                setattr(chat, name, value)
            if "title" in changes:
                chat.titled_by = "person"
            if changes:
                chat.updated_at = self._clock()
            running = await running_generation(session, chat.id)
        return _info(chat, running)

    async def delete(self, user: CurrentUser, chat_id: UUID | None) -> UUID:
        """Deletes the chat with its messages; a running answer is stopped."""
        async with self._database.write() as session:
            chat = await owned_chat(session, chat_id, user.id, lock=True)
            if chat is None:
                raise AppError(ErrorCode.CHAT_NOT_FOUND)
            running = await running_generation(session, chat.id)
            # Not left to the cascade: rows are locked in the order that generation_store.py names.
            await session.execute(delete(Generation).where(Generation.chat_id == chat.id))
            await session.execute(delete(Message).where(Message.chat_id == chat.id))
            await session.execute(delete(Chat).where(Chat.id == chat.id))
        if running is not None:
            await self._relay.stop_anywhere(running)
        return chat.id

    async def stop(self, user: CurrentUser, chat_id: UUID | None) -> bool:
        """Stops the answer that is being written; False where there is none."""
        async with self._database.read() as session:
            chat = await owned_chat(session, chat_id, user.id)
            if chat is None:
                raise AppError(ErrorCode.CHAT_NOT_FOUND)
            running = await running_generation(session, chat.id)
        return running is not None and await self._relay.stop_anywhere(running)

    async def follow(self, user: CurrentUser, chat_id: UUID | None, generation_id: str | None) -> FrameLog | None:
        """The log of the named generation, of the running one, or of the last; None where there is nothing to read."""
        async with self._database.read() as session:
            chat = await owned_chat(session, chat_id, user.id)
            if chat is None:
                raise AppError(ErrorCode.CHAT_NOT_FOUND)
            if generation_id is None:
                wanted = await latest_generation(session, chat.id)
            else:
                wanted = await session.scalar(
                    select(Generation.id).where(Generation.id == parse_id(generation_id), Generation.chat_id == chat.id)
                )
        return await self._relay.find_log(wanted) if wanted is not None else None

    async def must_own(self, user: CurrentUser, chat_id: UUID | None) -> Chat:
        """The user's chat; CHAT_NOT_FOUND, before anything else of the request is looked at."""
        async with self._database.read() as session:
            chat = await owned_chat(session, chat_id, user.id)
        if chat is None:
            raise AppError(ErrorCode.CHAT_NOT_FOUND)
        return chat

    async def _check_model(self, user: CurrentUser, model_id: str) -> None:
        model = await self._catalog.find(model_id)
        if model.tier == "premium" and user.tier != "premium":
            raise AppError(ErrorCode.MODEL_NOT_IN_PLAN, f"{model.name} needs the Premium plan.")


def _info(chat: Chat, running: UUID | None) -> ChatInfo:
    return ChatInfo(
        id=chat.id,
        user_id=chat.user_id,
        title=chat.title,
        model=chat.model,
        system_prompt=chat.system_prompt,
        temperature=chat.temperature,
        active_generation_id=running,
        created_at=chat.created_at,
        updated_at=chat.updated_at,
    )
