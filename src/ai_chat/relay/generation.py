"""One generation: the fold of what the upstream sends into a text and into the frames of its log."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.text import storable_piece
from ai_chat.kernel.tokens import estimate_tokens
from ai_chat.relay.events import (
    DeltaEvent,
    DoneEvent,
    ErrorEvent,
    ReasoningEvent,
    Sibling,
    StartEvent,
    StreamError,
    TitleEvent,
)
from ai_chat.relay.log import FrameLog
from ai_chat.relay.upstream import CompletionRequest, Upstream, Usage

Status = Literal["complete", "stopped", "interrupted", "failed"]
Abort = Literal["stopped", "interrupted", "too long", "too late"]

_CHARACTERS_PER_TOKEN = 16
_SPARE_CHARACTERS = 64 * 1024
"""An upstream that sends more than so many characters for the tokens it may write, and these, keeps to no limit."""


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for one token."""

    prompt: Decimal
    completion: Decimal


@dataclass(frozen=True, slots=True)
class GenerationPlan:
    """What the relay needs to run a generation that has already been recorded."""

    generation_id: UUID
    message_id: UUID | None
    user_message_id: UUID | None
    chat_id: UUID | None
    """None, with both messages, for an answer that belongs to no chat: it goes to the one program that asked for it."""
    user_id: UUID
    model: str
    """The id the person chose; the request may carry a successor's."""
    request: CompletionRequest
    upstream: Upstream
    prompt_tokens: int
    """Our estimate of the prompt, for upstreams that report no usage."""
    prices: Prices | None
    all_or_nothing: bool = False
    """The answer is shown when it is whole and not before: of one that fails, nothing was shown."""
    new_title: str | None = None
    """The name that the chat got with this message, for readers that are watching."""
    siblings: tuple[Sibling, ...] = ()
    """All generations of its turn, where there are several."""


@dataclass(frozen=True, slots=True)
class Grown:
    """What a text has from character `start` on; what stands before has been saved."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What has come to the texts of a running generation, for a checkpoint."""

    generation_id: UUID
    message_id: UUID | None
    text: Grown
    reasoning: Grown
    answer_id: str | None = None
    """The provider's id of the answer, the first time after it became known."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an answer did not end well, in the words a reader is told."""

    code: ErrorCode
    message: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """How a generation ended: all that is to be stored, in one transaction, exactly once."""

    generation_id: UUID
    message_id: UUID | None
    chat_id: UUID | None
    user_id: UUID
    status: Status
    text: str
    reasoning: str
    finish_reason: str
    failure: Failure | None
    prompt_tokens: int
    completion_tokens: int
    tokens_used: int
    cost_usd: Decimal | None
    estimated: bool
    served_by: str | None = None
    """The model that answered, where it is not the one that was asked."""
    answer_id: str | None = None
    """The provider's id of the answer: what it cost can be asked for by it."""
    reasoning_seconds: float | None = None
    """How long it thought before and between what it said; None where it did not."""
    handed_over: bool = False
    """Something was shown, though the text of it is not here."""

    @property
    def gives_back(self) -> bool:
        """The message does not count: neither text nor reasoning was shown, and not because the person stopped it."""
        return not (self.text or self.reasoning or self.handed_over or self.status == "stopped")

    def event(self) -> DoneEvent | ErrorEvent:
        """The last frame of the log."""
        if self.failure is not None:
            return ErrorEvent(StreamError(self.failure.code.value, self.failure.message, self.failure.retryable))
        return DoneEvent(
            tokens_used=self.tokens_used,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            finish_reason=self.finish_reason,
            cost=None if self.cost_usd is None else format(self.cost_usd, "f"),
            estimated=self.estimated,
        )


class Generation:
    """A running answer. It is the upstream's `AnswerSink`: pieces come in as they arrive, `flush` makes them a frame."""

    def __init__(self, plan: GenerationPlan, on_pieces: Callable[[Callable[[], None]], None]) -> None:
        """`on_pieces` calls `flush` soon."""
        self.plan = plan
        self.log = FrameLog()
        self.started_at = time.monotonic()
        self.first_at: float | None = None
        """When the first piece came."""
        self.unsaved = False
        self.abort: Abort | None = None
        """Set before the upstream task is cancelled: who ended it, or what."""
        self.upstream_task: asyncio.Task[None] | None = None
        self.finish_reason: str | None = None
        self._on_pieces = on_pieces
        self._answer_id: str | None = None
        self._saved_text = self._saved_reasoning = 0
        """Characters of each that checkpoints have saved."""
        self._told: str | None = None
        """The id that a checkpoint has been told."""
        self._served_by: str | None = None
        self._usage: Usage | None = None
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._thinking_since: float | None = None
        self._thought_seconds = 0.0
        self._room = plan.request.max_tokens * _CHARACTERS_PER_TOKEN + _SPARE_CHARACTERS
        self._pending: list[str] = []
        self._pending_kind: type[DeltaEvent | ReasoningEvent] = DeltaEvent
        self.log.append(
            StartEvent(
                message_id=str(plan.message_id or ""),
                user_message_id=str(plan.user_message_id or ""),
                generation_id=str(plan.generation_id),
                model=plan.model,
                siblings=plan.siblings,
            )
        )
        if plan.new_title is not None:
            self.log.append(TitleEvent(plan.new_title))

    # The upstream's side

    def text(self, piece: str) -> None:
        self._take(piece, DeltaEvent, self._text)

    def reasoning(self, piece: str) -> None:
        self._take(piece, ReasoningEvent, self._reasoning)

    def usage(self, usage: Usage) -> None:
        self._usage = usage

    def finish(self, reason: str) -> None:
        self.finish_reason = storable_piece(reason)

    def answered_by(self, answer_id: str | None, model: str | None) -> None:
        self._answer_id = answer_id or self._answer_id
        self._served_by = model if model != self.plan.model else None

    def _take(self, piece: str, kind: type[DeltaEvent] | type[ReasoningEvent], whole: list[str]) -> None:
        piece = storable_piece(piece)
        if not piece:
            return
        if kind is not self._pending_kind:
            self.flush()
            self._pending_kind = kind
            self._watch_thinking(begins=kind is ReasoningEvent)
        self._room -= len(piece)
        if self._room < 0:
            piece = self._cut_off(piece)
            if not piece:
                return
        first = self.first_at is None
        waiting = bool(self._pending)
        whole.append(piece)
        self._pending.append(piece)
        self.unsaved = True
        if first:
            self.first_at = time.monotonic()
            self.flush()  # the first piece does not wait for a tick
        elif not waiting:
            self._on_pieces(self.flush)  # once a frame, not once a piece

    def _watch_thinking(self, *, begins: bool) -> None:
        """Thinking begins or ends: counted here, for whoever reads the answer later, on whatever device."""
        if self._thinking_since is not None:
            self._thought_seconds += time.monotonic() - self._thinking_since
        self._thinking_since = time.monotonic() if begins else None

    def _cut_off(self, piece: str) -> str:
        """What still finds room of the piece that is too much; the upstream is broken off."""
        piece, self._room = piece[: self._room], 0
        self.break_off("too long")
        return piece

    # The relay's side

    def break_off(self, why: Abort) -> bool:
        """Cancels the upstream; False where it is over already, or being cancelled."""
        task = self.upstream_task
        if self.abort is not None or (task is not None and task.done()):
            return False
        self.abort = why
        if task is not None:
            task.cancel()
        return True

    def flush(self) -> None:
        """Makes one frame of all pieces that wait."""
        if self._pending:
            piece = "".join(self._pending)
            self._pending.clear()
            self.log.append(self._pending_kind(piece))

    def snapshot(self) -> Snapshot:
        self.unsaved = False
        plan = self.plan
        text, reasoning = ("", "") if plan.all_or_nothing else (_fold(self._text), _fold(self._reasoning))
        grown = Grown(self._saved_text, text[self._saved_text :])
        thoughts = Grown(self._saved_reasoning, reasoning[self._saved_reasoning :])
        answer_id = self._answer_id if self._answer_id != self._told else None
        self._told = self._answer_id
        return Snapshot(plan.generation_id, plan.message_id, grown, thoughts, answer_id)

    def saved(self, snapshot: Snapshot) -> None:
        """It is stored. One of which that is not known comes again, from where it began."""
        self._saved_text, self._saved_reasoning = snapshot.text.end, snapshot.reasoning.end

    def ending(self, status: Status, failure: Failure | None = None) -> Ending:
        """What is to be stored, with the upstream's usage or, without it, our estimate."""
        plan, usage = self.plan, self._usage
        text, reasoning = _fold(self._text), _fold(self._reasoning)
        if usage is None:
            completion = estimate_tokens(text) + estimate_tokens(reasoning)
            prompt = plan.prompt_tokens if completion or status == "complete" else 0
            usage = Usage(prompt, completion, prompt + completion, None)
        cost, estimated = usage.cost_usd, self._usage is None
        if cost is None and plan.prices is not None:
            cost = plan.prices.prompt * usage.prompt_tokens + plan.prices.completion * usage.completion_tokens
            estimated = estimated or cost != 0
        self._watch_thinking(begins=False)
        if plan.all_or_nothing and status in ("failed", "interrupted"):
            text = reasoning = ""
        return Ending(
            generation_id=plan.generation_id,
            message_id=plan.message_id,
            chat_id=plan.chat_id,
            user_id=plan.user_id,
            status=status,
            text=text,
            reasoning=reasoning,
            finish_reason=(self.finish_reason or "stop") if status == "complete" else status,
            failure=failure,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            tokens_used=usage.total_tokens,
            cost_usd=cost,
            estimated=estimated,
            served_by=self._served_by,
            answer_id=self._answer_id,
            reasoning_seconds=self._thought_seconds if reasoning else None,
        )


def _fold(pieces: list[str]) -> str:
    """The pieces as one text, which then takes their place, so that the next fold does not join them again."""
    if len(pieces) > 1:
        pieces[:] = ["".join(pieces)]
    return pieces[0] if pieces else ""
