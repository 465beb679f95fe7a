"""Sending a message: everything that can be refused is refused here, before the first byte of an answer.

One short transaction locks the chat, checks, reserves a message of the quota and stores the user's message beside an empty
answer. Only after its commit does the relay start; should the process die in between, the reaper ends what was stored.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

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

_STORE_MESSAGES = insert(cast("Table", Message.__table__))
_STORE_GENERATION = insert(cast("Table", Generation.__table__))
_SIGNS_A_TOKEN = 8
_ATTACH_ATTEMPTS = 20
_ATTACH_PAUSE = 0.1


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

    async def send(self, chat_id: UUID | None, user: CurrentUser, read: Callable[[], SendMessageRequest]) -> FrameLog:
        """Starts the answer and returns its log; for a `clientMessageId` seen before, the log of the answer it started.
        `read` makes sense of the request's body, or raises: somebody else's chat is not found, whatever stands in it.
        """
        incoming = _look_at(read, self._usage.plans[user.tier])  # estimating takes time that no transaction should take
        try:
            started = await self._database.write(lambda session: self._accept(session, chat_id, user, incoming))
        except _UnknownModel as unknown:
            with suppress(AppError):
                await self._catalog.find(unknown.model_id)  # the catalogue may know it by now
            started = await self._database.write(
                lambda session: self._accept(session, chat_id, user, incoming, asked_already=True)
            )
        if isinstance(started, UUID):
            return await self._attach(started)
        return self._relay.start(started)

    def _accept(
        self,
        session: Session,
        chat_id: UUID | None,
        user: CurrentUser,
        incoming: "_Incoming | AppError",
        *,
        asked_already: bool = False,
    ) -> GenerationPlan | UUID:
        """Checks in the order the contract names, then stores: the plan of a new generation, or the id of the one that
        this message has started before.
        """
        chat = owned_chat(session, chat_id, user.id, lock=True)
        if chat is None:
            raise AppError(ErrorCode.CHAT_NOT_FOUND)
        if isinstance(incoming, AppError):
            raise incoming
        message, message_tokens = incoming.message, incoming.tokens
        if message.client_message_id is not None:
            earlier = _sent_before(session, chat, message.client_message_id)
            if earlier is not None:
                return earlier
        if not self._relay.accepting:
            raise AppError(ErrorCode.SHUTTING_DOWN, retry_after=5)
        plan = self._usage.plans[user.tier]
        model = self._catalog.known(chat.model)
        system_prompt = chat.system_prompt or (model.system_prompt if model else None)
        room = room_for(model, plan, system_prompt=system_prompt, message_tokens=message_tokens) if model else None
        if message_tokens > plan.tokens_per_message or (room is not None and not room.message_fits):
            raise _too_long(plan, message_tokens, model)
        if model is None and not asked_already:
            raise _UnknownModel(chat.model)
        if model is None or room is None:
            raise AppError(ErrorCode.MODEL_UNAVAILABLE, f"The model {chat.model} is no longer in the catalogue.")
        if model.tier == "premium" and user.tier != "premium":
            raise AppError(ErrorCode.MODEL_NOT_IN_PLAN, f"{model.name} needs the Premium plan.")
        upstream = self._catalog.upstream_of(model)
        if running_generation(session, chat.id) is not None:
            raise AppError(ErrorCode.GENERATION_IN_PROGRESS)
        generation_id, user_message_id, answer_id = new_id(), new_id(), new_id()
        self._usage.reserve_message(
            session, entry_id=generation_id, user_id=user.id, plan=plan, model=model.upstream_id, source=model.source
        )
        history = newest_of_branch(session, chat.leaf_id, room.history)
        self._store(session, chat, user_message_id, answer_id, generation_id, message, message_tokens=message_tokens)
        title = title_from(message.content) if chat.titled_by == "nobody" else None
        if title is not None:
            chat.title, chat.titled_by = title, "opening"
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

    def _store(
        self,
        session: Session,
        chat: Chat,
        user_message_id: UUID,
        answer_id: UUID,
        generation_id: UUID,
        message: SendMessageRequest,
        *,
        message_tokens: int,
    ) -> None:
        now, connection = self._clock(), session.connection()
        common = {"chat_id": chat.id, "tokens_used": 0, "created_at": now}
        connection.execute(
            _STORE_MESSAGES,
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
        connection.execute(
            _STORE_GENERATION,
            {
                "id": generation_id,
                "chat_id": chat.id,
                "user_id": chat.user_id,
                "message_id": answer_id,
                "user_message_id": user_message_id,
                "status": "running",
                "worker": self._worker,
                "heartbeat_at": now,
                "created_at": now,
            },
        )
        chat.leaf_id, chat.updated_at = answer_id, now

    async def _attach(self, generation_id: UUID) -> FrameLog:
        """The log of an answer that was started before, from memory, from another worker, or from what was stored."""
        for _ in range(_ATTACH_ATTEMPTS):
            log = await self._relay.find_log(generation_id)
            if log is not None:
                return log
            log = await self._database.read(lambda session: replay(session, generation_id))
            if log is not None:
                return log
            await asyncio.sleep(_ATTACH_PAUSE)  # it is accepted, and its worker is about to start it
        raise AppError(ErrorCode.GENERATION_IN_PROGRESS)


class _UnknownModel(Exception):
    """The chat's model is not in the catalogue as it is known now."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id


def _sent_before(session: Session, chat: Chat, client_message_id: str) -> UUID | None:
    return session.scalar(
        select(Generation.id)
        .join(Message, Message.id == Generation.user_message_id)
        .where(Message.chat_id == chat.id, Message.client_message_id == client_message_id)
        .order_by(Generation.id)
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A message that makes sense, and how long it is."""

    message: SendMessageRequest
    tokens: int


def _look_at(read: Callable[[], SendMessageRequest], plan: Plan) -> "_Incoming | AppError":
    try:
        message = read()
    except AppError as problem:
        return problem
    # Eight signs are a token at the least: what is longer than the plan allows even so is not read to its end.
    length = len(message.content)
    enough = plan.tokens_per_message * _SIGNS_A_TOKEN
    return _Incoming(message, estimate_tokens(message.content) if length <= enough else length // _SIGNS_A_TOKEN + 1)


def _too_long(plan: Plan, tokens: int, model: Model | None) -> AppError:
    if tokens > plan.tokens_per_message:
        reason = f"your plan allows {plan.tokens_per_message}"
    else:
        window = min(plan.context_tokens, model.context_length if model else plan.context_tokens)
        reason = f"with the system prompt it is more than the {window} that can be sent"
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
