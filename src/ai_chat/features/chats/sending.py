"""Sending a message: everything that can be refused is refused here, before the first byte of an answer.

One short transaction locks the chat, checks, reserves a message of the quota and stores the user's message beside an empty
answer. Only after its commit does the relay start; should the process die in between, the reaper ends what was stored.
"""

from contextlib import suppress
from typing import cast
from uuid import UUID

from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.catalog.service import Catalog, Model
from ai_chat.features.chats.context import answer_limit, prompt_of, prompt_size, room_for
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.chats.queries import newest_of_branch, owned_chat, running_generation
from ai_chat.features.chats.replay import replay
from ai_chat.features.chats.schemas import DEFAULT_TEMPERATURE, SendMessageRequest
from ai_chat.features.chats.titles import title_from
from ai_chat.features.usage.plans import Plan
from ai_chat.features.usage.service import Usage
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.tokens import estimate_tokens
from ai_chat.relay.generation import GenerationPlan, Prices
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import CompletionRequest
from ai_chat.storage.database import Database


class Sending:
    """Sends messages on behalf of users. `worker` is this process's name in the records of its generations."""

    def __init__(
        self, database: Database, catalog: Catalog, usage: Usage, relay: Relay, clock: Clock, worker: str
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._usage = usage
        self._relay = relay
        self._clock = clock
        self._worker = worker

    async def send(self, chat_id: UUID, model_id: str, user: CurrentUser, message: SendMessageRequest) -> FrameLog:
        """Starts the answer and returns its log; for a `clientMessageId` seen before, the log of the answer it started.
        `model_id` is the chat's model: one that the catalogue does not know yet is looked for before the transaction.
        """
        with suppress(AppError):
            await self._catalog.find(model_id)
        plan = self._usage.plans[user.tier]
        message_tokens = _size(message.content, plan)
        earlier: Generation | None = None
        async with self._database.write() as session:
            chat = await owned_chat(session, chat_id, user.id, lock=True)
            if chat is None:
                raise AppError(ErrorCode.CHAT_NOT_FOUND)
            if message.client_message_id is not None:
                earlier = await _sent_before(session, chat, message.client_message_id)
            if earlier is None:
                start = await self._accept(session, chat, user, plan, message, message_tokens)
        if earlier is not None:
            return await self._attach(earlier)
        return self._relay.start(start)

    async def _accept(
        self,
        session: AsyncSession,
        chat: Chat,
        user: CurrentUser,
        plan: Plan,
        message: SendMessageRequest,
        message_tokens: int,
    ) -> GenerationPlan:
        """Checks in the order the contract names, then stores."""
        if not self._relay.accepting:
            raise AppError(ErrorCode.SHUTTING_DOWN, retry_after=5)
        model = self._catalog.known(chat.model)
        system_prompt = chat.system_prompt or (model.system_prompt if model else None)
        room = room_for(model, plan, system_prompt=system_prompt, message_tokens=message_tokens) if model else None
        if message_tokens > plan.tokens_per_message or (room is not None and not room.message_fits):
            raise _too_long(plan, message_tokens, model)
        if model is None or room is None:
            raise AppError(ErrorCode.MODEL_UNAVAILABLE, f"The model {chat.model} is no longer in the catalogue.")
        if model.tier == "premium" and user.tier != "premium":
            raise AppError(ErrorCode.MODEL_NOT_IN_PLAN, f"{model.name} needs the Premium plan.")
        upstream = self._catalog.upstream_of(model)
        if await running_generation(session, chat.id) is not None:
            raise AppError(ErrorCode.GENERATION_IN_PROGRESS)
        generation_id, user_message_id, answer_id = new_id(), new_id(), new_id()
        await self._usage.reserve_message(
            session, entry_id=generation_id, user_id=user.id, plan=plan, model=model.upstream_id, source=model.source
        )
        history = await newest_of_branch(session, chat.leaf_id, room.history)
        await self._store(
            session, chat, user_message_id, answer_id, generation_id, message, message_tokens=message_tokens
        )
        title = title_from(message.content) if chat.titled_by == "nobody" else None
        if title is not None:
            await session.execute(
                update(cast(Table, Chat.__table__)).where(Chat.id == chat.id).values(title=title, titled_by="opening")
            )
        prompt_tokens = prompt_size(system_prompt, history, message_tokens)
        return GenerationPlan(
            generation_id=generation_id,
            message_id=answer_id,
            user_message_id=user_message_id,
            chat_id=chat.id,
            user_id=user.id,
            model=chat.model,
            request=CompletionRequest(
                model=model.upstream_id,
                messages=prompt_of(system_prompt, history, message.content),
                max_tokens=answer_limit(model, plan, prompt_tokens),
                temperature=_temperature(chat, model),
                user=user.id.hex,
                conversation=chat.id.hex,
            ),
            upstream=upstream,
            prompt_tokens=prompt_tokens,
            prices=_prices(model),
            new_title=title,
        )

    async def _store(
        self,
        session: AsyncSession,
        chat: Chat,
        user_message_id: UUID,
        answer_id: UUID,
        generation_id: UUID,
        message: SendMessageRequest,
        *,
        message_tokens: int,
    ) -> None:
        now = self._clock()
        common = {"chat_id": chat.id, "tokens_used": 0, "created_at": now}
        await session.execute(
            insert(cast(Table, Message.__table__)),
            [
                common
                | {
                    "id": user_message_id,
                    "parent_id": chat.leaf_id,
                    "role": "user",
                    "content": message.content,
                    "status": "complete",
                    "model": None,
                    "size_tokens": message_tokens,
                    "client_message_id": message.client_message_id,
                },
                common
                | {
                    "id": answer_id,
                    "parent_id": user_message_id,
                    "role": "assistant",
                    "content": "",
                    "status": "generating",
                    "model": chat.model,
                    "size_tokens": 0,
                    "client_message_id": None,
                },
            ],
        )
        await session.execute(
            insert(cast(Table, Generation.__table__)).values(
                id=generation_id,
                chat_id=chat.id,
                user_id=chat.user_id,
                message_id=answer_id,
                user_message_id=user_message_id,
                status="running",
                worker=self._worker,
                heartbeat_at=now,
                created_at=now,
            )
        )
        await session.execute(
            update(cast(Table, Chat.__table__)).where(Chat.id == chat.id).values(leaf_id=answer_id, updated_at=now)
        )

    async def _attach(self, earlier: Generation) -> FrameLog:
        log = await self._relay.find_log(earlier.id)
        if log is not None:
            return log
        async with self._database.read() as session:
            return await replay(session, earlier)


async def _sent_before(session: AsyncSession, chat: Chat, client_message_id: str) -> Generation | None:
    return await session.scalar(
        select(Generation)
        .join(Message, Message.id == Generation.user_message_id)
        .where(Message.chat_id == chat.id, Message.client_message_id == client_message_id)
        .order_by(Generation.id)
        .limit(1)
    )


def _size(content: str, plan: Plan) -> int:
    """Estimated tokens. A text that is far over the limit anyway is not read to its end."""
    generous = plan.tokens_per_message * 12
    return estimate_tokens(content[:generous]) + max(0, len(content) - generous)


def _too_long(plan: Plan, tokens: int, model: Model | None) -> AppError:
    if tokens > plan.tokens_per_message:
        reason = f"your plan allows {plan.tokens_per_message}"
    else:
        reason = f"{model.name if model else 'the model'} can read {model.context_length if model else 0} in all"
    return AppError(ErrorCode.MESSAGE_TOO_LONG, f"The message has about {tokens} tokens; {reason}.")


def _temperature(chat: Chat, model: Model) -> float:
    """A model may have its own best default; what the person has chosen wins."""
    if model.temperature is not None and chat.temperature == DEFAULT_TEMPERATURE:
        return model.temperature
    return chat.temperature


def _prices(model: Model) -> Prices | None:
    if model.prompt_price is None or model.completion_price is None:
        return None
    return Prices(model.prompt_price, model.completion_price)
