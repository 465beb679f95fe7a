"""The log of an answer that no longer lies in memory, made again from what was stored."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.chats.models import Generation, Message
from ai_chat.features.usage.models import UsageEntry
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.events import DeltaEvent, DoneEvent, ErrorEvent, ReasoningEvent, Sibling, StartEvent, StreamError
from ai_chat.relay.log import FrameLog


def replay(session: Session, generation_id: UUID) -> FrameLog | None:
    """Start, the whole text, the end; None while it is still being written. Its frame numbers are not the original's."""
    generation = session.get_one(Generation, generation_id)
    if generation.status == "running":
        return None
    message = session.get_one(Message, generation.message_id)
    log = FrameLog()
    log.append(
        StartEvent(
            message_id=str(message.id),
            user_message_id=str(generation.user_message_id),
            generation_id=str(generation.id),
            model=message.model or "",
            siblings=_siblings(session, generation),
        )
    )
    if message.reasoning:
        log.append(ReasoningEvent(message.reasoning))
    if message.content:
        log.append(DeltaEvent(message.content))
    log.append(_end(message, session.get(UsageEntry, generation.id)), last=True)
    return log


def _siblings(session: Session, generation: Generation) -> tuple[Sibling, ...]:
    """All generations of its turn, where there are several."""
    if generation.turn_id is None:
        return ()
    rows = session.execute(
        select(Generation.id, Generation.message_id, Message.model)
        .join(Message, Message.id == Generation.message_id)
        .where(
            Message.chat_id == generation.chat_id,
            Message.parent_id == generation.user_message_id,
            Generation.turn_id == generation.turn_id,
        )
        .order_by(Generation.id)
    )
    return tuple(Sibling(str(row.id), str(row.message_id), row.model or "") for row in rows)


def _end(message: Message, entry: UsageEntry | None) -> DoneEvent | ErrorEvent:
    if message.status in ("complete", "stopped"):
        return DoneEvent(
            tokens_used=message.tokens_used,
            prompt_tokens=entry.prompt_tokens if entry is not None else None,
            completion_tokens=entry.completion_tokens if entry is not None else None,
            finish_reason=message.finish_reason or "stop",
            cost=None if message.cost_usd is None else format(message.cost_usd, "f"),
            estimated=bool((message.extra or {}).get("estimated")),
        )
    code = ErrorCode.__members__.get(message.error_code or "", ErrorCode.INTERRUPTED)
    return ErrorEvent(StreamError(code.value, code.sentence, retryable=True))
