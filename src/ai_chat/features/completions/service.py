"""Answers to programs: checked, reserved, recorded and relayed like a chat's, handed over and not kept."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert
from sqlalchemy.orm import Session

from ai_chat.features.accounts.keys import KeyHolder
from ai_chat.features.catalog.service import Catalog, Model
from ai_chat.features.chats.context import answer_limit
from ai_chat.features.chats.models import Generation
from ai_chat.features.completions.schemas import CompletionBody, ModelCard
from ai_chat.features.usage.key_caps import KeyCaps
from ai_chat.features.usage.plans import Plan
from ai_chat.features.usage.service import Usage
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.tokens import estimates_up_to
from ai_chat.relay.generation import GenerationPlan
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import CompletionRequest, PromptMessage
from ai_chat.storage.database import Database
from ai_chat.storage.statements import Statement

_RECORD = Statement(
    insert(cast("Table", Generation.__table__)).values(
        id=bindparam("id"),
        user_id=bindparam("user"),
        shown_characters=0,
        status="running",
        worker=bindparam("by"),
        heartbeat_at=bindparam("now"),
        created_at=bindparam("now"),
    )
)
_PER_MESSAGE = 4
"""Tokens that the role and the separators of a message take."""
_SMALLEST_ANSWER = 16
_SINCE = 1_735_689_600
"""`created` of every model: OpenAI's clients want a number, and nobody knows a better one. The first of January 2025."""


@dataclass(frozen=True, slots=True)
class Started:
    """A completion that is being written."""

    generation_id: UUID
    model: str
    created: int
    log: FrameLog


class Completions:
    """What a key's holder may ask models. `worker` is this process's name in the records of its generations."""

    def __init__(
        self, database: Database, catalog: Catalog, usage: Usage, relay: Relay, clock: Clock, worker: str
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._usage = usage
        self._relay = relay
        self._clock = clock
        self._worker = worker

    def models(self, holder: KeyHolder) -> list[ModelCard]:
        """The models that can answer now and that this key may ask."""
        return [
            _card(model)
            for model in self._catalog.models()
            if model.unavailable is None and model.open_to(holder.tier) and holder.may_use(model.id)
        ]

    async def model(self, holder: KeyHolder, model_id: str) -> ModelCard:
        return _card(await self._allowed(holder, model_id))

    async def start(self, holder: KeyHolder, body: CompletionBody) -> Started:
        """Starts an answer. Whatever can be refused is refused here, in the order of the chats."""
        if not self._relay.accepting:
            raise AppError(ErrorCode.SHUTTING_DOWN, retry_after=5)
        model, plan = await self._allowed(holder, body.model), self._usage.plans[holder.tier]
        messages = _prompt(body, model)
        prompt_tokens = _measure(messages, body.shape, model, plan)
        upstream = self._catalog.upstream_of(model)
        longest, now = answer_limit(model, plan, prompt_tokens), self._clock()
        generation_id = new_id()

        def work(session: Session) -> None:
            self._usage.reserve_message(
                session,
                entry_id=generation_id,
                user_id=holder.user_id,
                plan=plan,
                model=model.upstream_id,
                source=model.source,
                key=KeyCaps(holder.key_id, holder.daily_messages, holder.monthly_spend_usd),
            )
            _RECORD.later(session, {"id": generation_id, "user": holder.user_id, "by": self._worker, "now": now})

        await self._database.write(work, brief=True)
        log = self._relay.start(
            GenerationPlan(
                generation_id=generation_id,
                message_id=None,
                user_message_id=None,
                chat_id=None,
                user_id=holder.user_id,
                model=model.id,
                request=CompletionRequest(
                    model=model.upstream_id,
                    messages=messages,
                    max_tokens=min(longest, body.wanted_tokens or longest),
                    temperature=model.temperature if body.temperature is None else body.temperature,
                    user=holder.user_id.hex,
                    conversation=generation_id.hex,
                    options=body.options,
                ),
                upstream=upstream,
                prompt_tokens=prompt_tokens,
                prices=model.prices,
                all_or_nothing=not body.stream,
            )
        )
        return Started(generation_id, model.id, int(now.timestamp()), log)

    def abandon(self, started: Started) -> None:
        """Its reader is gone, and nobody else can read it: the model need not go on. Does nothing to one that has ended."""
        self._relay.stop(started.generation_id)

    async def _allowed(self, holder: KeyHolder, model_id: str) -> Model:
        model = await self._catalog.find(model_id)
        if not holder.may_use(model.id):
            raise AppError(ErrorCode.NOT_ALLOWED_TO_KEY, f"This API key may not use {model.id}.")
        model.must_be_open_to(holder.tier)
        return model


def _prompt(body: CompletionBody, model: Model) -> list[PromptMessage]:
    messages = [
        PromptMessage("system" if message.role == "developer" else message.role, message.text)
        for message in body.messages
    ]
    if model.system_prompt and all(message.role != "system" for message in messages):
        messages.insert(0, PromptMessage("system", model.system_prompt))
    return messages


def _measure(messages: list[PromptMessage], shape: str, model: Model, plan: Plan) -> int:
    """Estimated tokens of the prompt, the shape that is wanted of the answer included: the model reads it too.
    MESSAGE_TOO_LONG where it is more than the plan or the model allows. Nothing is left out of it, as it would be in a chat:
    the program has chosen what to send.
    """
    window = min(plan.context_tokens, model.context_length - _SMALLEST_ANSWER)
    said = [*((message.role, message.content) for message in messages), ("user", shape)]
    sizes = estimates_up_to(window, [text for _, text in said])
    total = sum(sizes) + _PER_MESSAGE * len(messages)
    if total > window:
        reason = f"The messages have about {total} tokens; your plan and this model allow {window}."
        raise AppError(ErrorCode.MESSAGE_TOO_LONG, reason)
    longest = max((size for size, (role, _) in zip(sizes, said, strict=True) if role == "user"), default=0)
    if longest > plan.tokens_per_message:
        reason = f"A message has about {longest} tokens; your plan allows {plan.tokens_per_message}."
        raise AppError(ErrorCode.MESSAGE_TOO_LONG, reason)
    return total


def _card(model: Model) -> ModelCard:
    return ModelCard(
        id=model.id, created=_SINCE, owned_by=model.provider, name=model.name, context_length=model.context_length
    )
