"""What a turn adds to the database: the question, an empty answer and a generation for each model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from ai_chat.features.chats.branching import Place, Question
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.files.attached import noted
from ai_chat.features.files.service import link
from ai_chat.kernel.ids import new_id

_STORE_MESSAGES = insert(cast("Table", Message.__table__))
_STORE_GENERATIONS = insert(cast("Table", Generation.__table__))


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer that is about to be written."""

    generation_id: UUID
    message_id: UUID
    model: str


@dataclass(frozen=True, slots=True)
class NewTurn:
    """What is to be stored."""

    question_id: UUID
    """The person's message that is answered."""
    place: Place
    answers: Sequence[NewAnswer]
    client_message_id: str | None


def new_turn(place: Place, models: Sequence[str], client_message_id: str | None) -> NewTurn:
    """Ids for everything; they grow in the order in which things are said."""
    asked = place.question.id if place.question is not None else place.asked_in
    question_id = asked or new_id()
    generation_ids = [new_id() for _ in models]
    answers = [NewAnswer(found, new_id(), model) for found, model in zip(generation_ids, models, strict=True)]
    return NewTurn(question_id, place, answers, client_message_id)


def started_before(session: Session, chat: Chat, client_message_id: str) -> UUID | None:
    """The first generation of the turn that the client calls so."""
    return session.scalar(
        select(Generation.id).where(Generation.chat_id == chat.id, Generation.client_message_id == client_message_id)
    )


def store_turn(session: Session, chat: Chat, turn: NewTurn, *, worker: str, now: datetime) -> None:
    """Stores the turn; its first answer is the newest message of the active branch."""
    connection, question = session.connection(), turn.place.question
    answered = turn.question_id if question is not None else turn.place.after
    messages = [_answer(chat, answered, answer, now) for answer in turn.answers]
    if question is not None and question.id is None:
        messages.insert(0, _question(chat, turn, question, now))
    connection.execute(_STORE_MESSAGES, messages)
    if question is not None and question.id is None and question.files:
        link(session, turn.question_id, question.files)
        session.execute(update(Message).where(Message.id == turn.question_id).values(extra=noted(question.files)))
    first = turn.answers[0]
    connection.execute(
        _STORE_GENERATIONS,
        [
            {
                "id": answer.generation_id,
                "chat_id": chat.id,
                "user_id": chat.user_id,
                "message_id": answer.message_id,
                "user_message_id": turn.question_id,
                "turn_id": first.generation_id if len(turn.answers) > 1 else None,
                "client_message_id": turn.client_message_id if answer is first else None,
                "status": "running",
                "worker": worker,
                "heartbeat_at": now,
                "created_at": now,
            }
            for answer in turn.answers
        ],
    )
    chat.leaf_id, chat.updated_at = first.message_id, now


def _question(chat: Chat, turn: NewTurn, question: Question, now: datetime) -> dict[str, object]:
    return {
        "id": turn.question_id,
        "chat_id": chat.id,
        "parent_id": turn.place.after,
        "role": "user",
        "content": question.content,
        "status": "complete",
        "model": None,
        "size_tokens": question.size,
        "tokens_used": 0,
        "created_at": now,
    }


def _answer(chat: Chat, parent_id: UUID | None, answer: NewAnswer, now: datetime) -> dict[str, object]:
    return {
        "id": answer.message_id,
        "chat_id": chat.id,
        "parent_id": parent_id,
        "role": "assistant",
        "content": "",
        "status": "generating",
        "model": answer.model,
        "size_tokens": 0,
        "tokens_used": 0,
        "created_at": now,
    }
