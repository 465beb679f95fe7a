"""Turns: everything that makes models write in a chat. What can be refused is refused here, before the first byte.

One short transaction locks the chat, checks, reserves a message of the quota for each answer and stores the turn. Only after
its commit does the relay start; should the process die in between, the reaper ends what was stored.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from ai_chat.features.accounts.service import Accounts, CurrentUser
from ai_chat.features.accounts.tokens import AccessClaims
from ai_chat.features.catalog.service import Catalog, Model
from ai_chat.features.chats.attaching import check_sight, opening_title, with_files
from ai_chat.features.chats.branching import FindPlace, Place, Question
from ai_chat.features.chats.context import (
    Room,
    answer_limit,
    end_of,
    newest_that_fit,
    prompt_of,
    prompt_size,
    room_for,
    system_prompt_of,
)
from ai_chat.features.chats.continuing import INSTRUCTION_TOKENS, continuing
from ai_chat.features.chats.queries import (
    BranchMessage,
    TurnChat,
    chat_for_turn,
    message_of,
    newest_of_branch,
    running_generations,
    started_before,
)
from ai_chat.features.chats.replay import replay
from ai_chat.features.chats.schemas import DEFAULT_TEMPERATURE, TurnRequest
from ai_chat.features.chats.turn_rows import NewAnswer, NewTurn, new_turn, store_turn
from ai_chat.features.files.carrying import carrying
from ai_chat.features.files.service import Files
from ai_chat.features.usage.plans import Plan
from ai_chat.features.usage.service import Usage
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.tokens import estimates_up_to
from ai_chat.relay.events import Sibling
from ai_chat.relay.generation import GenerationPlan
from ai_chat.relay.log import FrameLog
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import CompletionRequest, Upstream
from ai_chat.storage.database import Database

_ATTACH_ATTEMPTS = 20
_ATTACH_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Target:
    """Which chat, and where in it. `message_id` counts where `names_message`; None is an id that cannot exist."""

    chat_id: UUID | None
    find_place: FindPlace
    names_message: bool = False
    message_id: UUID | None = None


class Turns:
    """Starts turns on behalf of users. `worker` is this process's name in the records of its generations."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        catalog: Catalog,
        usage: Usage,
        files: Files,
        relay: Relay,
        clock: Clock,
        worker: str,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._catalog = catalog
        self._usage = usage
        self._files = files
        self._relay = relay
        self._clock = clock
        self._worker = worker
        self._longest = max(plan.tokens_per_message for plan in usage.plans.values())

    async def start(self, claims: AccessClaims, target: Target, read: Callable[[], TurnRequest]) -> FrameLog:
        """Starts the answers and returns the log of the first; for a `clientMessageId` seen before, the log of what it had
        started. `read` makes sense of the request's body, or raises: somebody else's chat is not found, whatever stands
        in it.
        """
        incoming = _look_at(read, self._longest)  # estimating takes time that no transaction should take
        try:
            started = await self._database.write(
                lambda session: self._accept(session, claims, target, incoming), brief=True
            )
        except _UnknownModel as unknown:
            with suppress(AppError):
                await self._catalog.find(unknown.model_id)  # the catalogue may know it by now
            started = await self._database.write(
                lambda session: self._accept(session, claims, target, incoming, asked_already=True)
            )
        if isinstance(started, UUID):
            return await self._attach(started)
        logs = [self._relay.start(plan) for plan in started]
        return logs[0]

    def _accept(
        self,
        session: Session,
        claims: AccessClaims,
        target: Target,
        incoming: "_Incoming | AppError",
        *,
        asked_already: bool = False,
    ) -> list[GenerationPlan] | UUID:
        """Checks in the order the contract names, then stores: the plans of new generations, or the id of the first of
        those that this request has started before.
        """
        user = self._accounts.who(session, claims)
        chat = chat_for_turn(session, target.chat_id, user.id)
        if chat is None:
            raise AppError(ErrorCode.CHAT_NOT_FOUND)
        message = message_of(session, chat.id, target.message_id)
        if message is None and target.names_message:
            raise AppError(ErrorCode.MESSAGE_NOT_FOUND)
        if isinstance(incoming, AppError):
            raise incoming
        if incoming.client_message_id is not None:
            earlier = started_before(session, chat.id, incoming.client_message_id)
            if earlier is not None:
                return earlier
        place = target.find_place(session, chat, message, incoming.question)
        place = with_files(
            session, self._files, place,
            user_id=user.id, plan=self._usage.plans[user.tier], wanted=incoming.files, edited=message,
        )  # fmt: skip
        if not self._relay.accepting:
            raise AppError(ErrorCode.SHUTTING_DOWN, retry_after=5)
        speakers = self._speakers(chat, user, place, incoming.models, asked_already=asked_already)
        upstreams = [self._catalog.upstream_of(speaker.model) for speaker in speakers]
        if running_generations(session, chat.id):
            raise AppError(ErrorCode.GENERATION_IN_PROGRESS)
        turn = new_turn(place, [speaker.asked_for for speaker in speakers], incoming.client_message_id)
        self._reserve(session, user, turn, speakers)
        history = _history(session, chat, place, max(speaker.room.history for speaker in speakers))
        title = opening_title(place) if chat.titled_by == "nobody" else None
        store_turn(session, chat, turn, title, worker=self._worker, now=self._clock())
        return [
            self._plan(chat, turn, answer, speaker, upstream, history, title if answer is turn.answers[0] else None)
            for answer, speaker, upstream in zip(turn.answers, speakers, upstreams, strict=True)
        ]

    def _reserve(self, session: Session, user: CurrentUser, turn: NewTurn, speakers: "Sequence[_Speaker]") -> None:
        """A message of the quota for each answer, or for none."""
        for place, (answer, speaker) in enumerate(zip(turn.answers, speakers, strict=True), 1):
            self._usage.reserve_message(
                session,
                entry_id=answer.generation_id,
                user_id=user.id,
                plan=speaker.plan,
                model=speaker.model.upstream_id,
                source=speaker.model.source,
                more_to_come=len(speakers) - place,
            )

    def _speakers(
        self, chat: TurnChat, user: CurrentUser, place: Place, wanted: Sequence[str], *, asked_already: bool
    ) -> list["_Speaker"]:
        """The models that answer, each with room for what is said and in the person's plan."""
        plan = self._usage.plans[user.tier]
        usual = place.usual_model if place.usual_model and self._catalog.known(place.usual_model) else chat.model
        asked_for = wanted or [usual]
        tokens = place.question.tokens if place.question is not None else INSTRUCTION_TOKENS
        file_tokens = place.question.size - tokens if place.question is not None else 0
        models = [self._catalog.known(model_id) for model_id in asked_for]
        speakers = [
            _Speaker(
                model_id,
                model,
                system_prompt_of(model, chat.system_prompt, user.custom_instructions),
                plan,
                tokens,
                file_tokens,
            )
            for model_id, model in zip(asked_for, models, strict=True)
            if model is not None
        ]
        if tokens > plan.tokens_per_message:
            raise _too_long(plan, tokens, None)
        for speaker in speakers:
            if not speaker.room.message_fits:
                if file_tokens:
                    raise _files_too_long(plan, file_tokens, speaker.model)
                raise _too_long(plan, tokens, speaker.model)
        for model_id, model in zip(asked_for, models, strict=True):
            if model is None and not asked_already:
                raise _UnknownModel(model_id)
            if model is None and wanted:
                raise AppError(ErrorCode.MODEL_NOT_FOUND, f"There is no model {model_id!r} in the catalogue.")
            if model is None:
                raise AppError(ErrorCode.MODEL_UNAVAILABLE, f"The model {model_id} is no longer in the catalogue.")
            model.must_be_open_to(user.tier)
        check_sight(place, [speaker.model for speaker in speakers])
        return speakers

    def _plan(
        self,
        chat: TurnChat,
        turn: NewTurn,
        answer: NewAnswer,
        speaker: "_Speaker",
        upstream: Upstream,
        history: Sequence[BranchMessage],
        title: str | None,
    ) -> GenerationPlan:
        model, question = speaker.model, turn.place.question
        fitting = newest_that_fit(history, speaker.room.history)
        if question is None and not fitting:
            fitting = [end_of(history[-1], speaker.room.history)]
        prompt_tokens = prompt_size(speaker.system_prompt, fitting, speaker.tokens)
        several = len(turn.answers) > 1
        messages = prompt_of(speaker.system_prompt, fitting, question)
        asked = upstream if question is not None else continuing(upstream, model)
        return GenerationPlan(
            generation_id=answer.generation_id,
            message_id=answer.message_id,
            user_message_id=turn.question_id,
            chat_id=chat.id,
            user_id=chat.user_id,
            model=answer.model,
            request=CompletionRequest(
                model=model.upstream_id,
                messages=messages,
                max_tokens=answer_limit(model, speaker.plan, prompt_tokens),
                temperature=_temperature(chat, model),
                user=chat.user_id.hex,
                conversation=chat.id.hex,
            ),
            upstream=carrying(asked, messages, self._files.store, sees=model.vision is not False),
            prompt_tokens=prompt_tokens,
            prices=model.prices,
            new_title=title,
            siblings=tuple(map(_sibling, turn.answers)) if several else (),
        )

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


def _history(session: Session, chat: TurnChat, place: Place, budget: int) -> list[BranchMessage]:
    """The newest messages before what is asked; where an answer is continued, that answer in any case."""
    history = newest_of_branch(session, place.after, budget)
    if history or place.question is not None:
        return history
    continued = message_of(session, chat.id, place.after)
    assert continued is not None
    return [BranchMessage.of(continued)]


class _UnknownModel(Exception):
    """The wanted model is not in the catalogue as it is known now."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id


class _Speaker:
    """A model that is to answer, and how much it can be sent."""

    def __init__(
        self, asked_for: str, model: Model, system_prompt: str | None, plan: Plan, tokens: int, file_tokens: int
    ) -> None:
        self.asked_for = asked_for
        self.model = model
        self.system_prompt = system_prompt
        self.plan = plan
        self.tokens = tokens + file_tokens
        self.room: Room = room_for(
            model, plan, system_prompt=system_prompt, message_tokens=tokens, file_tokens=file_tokens
        )


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A request that makes sense, and how long its text is."""

    client_message_id: str | None
    models: Sequence[str]
    question: Question | None
    files: Sequence[UUID] | None


def _look_at(read: Callable[[], TurnRequest], longest: int) -> "_Incoming | AppError":
    try:
        request = read()
    except AppError as problem:
        return problem
    text = request.said
    question = None
    if text is not None:
        question = Question(text, sum(estimates_up_to(longest, [text])))
    return _Incoming(request.client_message_id, request.wanted_models, question, request.wanted_files)


def _too_long(plan: Plan, tokens: int, model: Model | None) -> AppError:
    if tokens > plan.tokens_per_message:
        reason = f"your plan allows {plan.tokens_per_message}"
    else:
        window = min(plan.context_tokens, model.context_length if model else plan.context_tokens)
        reason = f"with the system prompt it is more than the {window} that can be sent"
    return AppError(ErrorCode.MESSAGE_TOO_LONG, f"The message has about {tokens} tokens; {reason}.")


def _files_too_long(plan: Plan, tokens: int, model: Model) -> AppError:
    window = min(plan.context_tokens, model.context_length)
    words = f"The files have about {tokens} tokens; with the message, {window} can be sent to {model.name}."
    return AppError(ErrorCode.FILES_TOO_LONG, words)


def _sibling(answer: NewAnswer) -> Sibling:
    return Sibling(str(answer.generation_id), str(answer.message_id), answer.model)


def _temperature(chat: TurnChat, model: Model) -> float:
    """A model may have its own best default; what the person has chosen wins."""
    if model.temperature is not None and chat.temperature == DEFAULT_TEMPERATURE:
        return model.temperature
    return chat.temperature
