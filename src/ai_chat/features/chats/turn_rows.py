"""What a turn adds to the database: the question, an empty answer and a generation for each model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import BindParameter, Table, bindparam, insert, update
from sqlalchemy.orm import Session

from ai_chat.features.chats.branching import Place, Question
from ai_chat.features.chats.models import Chat, Generation, Message
from ai_chat.features.chats.queries import TurnChat
from ai_chat.features.files.attached import noted
from ai_chat.features.files.service import link
from ai_chat.kernel.ids import new_id
from ai_chat.storage.statements import Statement, run_later

_chats, _messages = cast("Table", Chat.__table__), cast("Table", Message.__table__)
_generations = cast("Table", Generation.__table__)


def _given(*names: str) -> dict[str, BindParameter[object]]:
    return {name: bindparam(name) for name in names}


_STORE_MESSAGE = Statement(
    insert(_messages).values(
        tokens_used=0,
        metadata=bindparam("extra"),
        **_given("id", "chat_id", "parent_id", "role", "content", "status", "model", "size_tokens", "created_at"),
    )
)
_STORE_GENERATION = Statement(
    insert(_generations).values(
        status="running",
        shown_characters=0,
        heartbeat_at=bindparam("now"),
        created_at=bindparam("now"),
        **_given("id", "chat_id", "user_id", "message_id", "user_message_id", "turn_id", "client_message_id", "worker"),
    )
)
_MOVE_ON = (
    update(_chats)
    .where(_chats.c.id == bindparam("chat"))
    .values(leaf_id=bindparam("leaf"), updated_at=bindparam("now"))
)
_MOVE_CHAT_ON = Statement(_MOVE_ON)
_NAME_CHAT = Statement(_MOVE_ON.values(title=bindparam("new_title"), titled_by="opening"))


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


def store_turn(
    session: Session, chat: TurnChat, turn: NewTurn, title: str | None, *, worker: str, now: datetime
) -> None:
    """Stores the turn; its first answer is the newest message of the active branch. `title` names the chat after it."""
    question = turn.place.question
    answered = turn.question_id if question is not None else turn.place.after
    messages = [_answer(chat, answered, answer, now) for answer in turn.answers]
    if question is not None and question.id is None:
        messages.insert(0, _question(chat, turn, question, now))
    for message in messages:
        _STORE_MESSAGE.later(session, message)
    if question is not None and question.id is None and question.files:
        run_later(session)  # what links the files needs the message
        link(session, turn.question_id, question.files)
    first = turn.answers[0]
    for answer in turn.answers:
        _STORE_GENERATION.later(
            session,
            {
                "id": answer.generation_id,
                "chat_id": chat.id,
                "user_id": chat.user_id,
                "message_id": answer.message_id,
                "user_message_id": turn.question_id,
                "turn_id": first.generation_id if len(turn.answers) > 1 else None,
                "client_message_id": turn.client_message_id if answer is first else None,
                "worker": worker,
                "now": now,
            },
        )
    moved = {"chat": chat.id, "leaf": first.message_id, "now": now}
    if title is None:
        _MOVE_CHAT_ON.later(session, moved)
    else:
        _NAME_CHAT.later(session, moved | {"new_title": title})


def _question(chat: TurnChat, turn: NewTurn, question: Question, now: datetime) -> dict[str, object]:
    return {
        "id": turn.question_id,
        "chat_id": chat.id,
        "parent_id": turn.place.after,
        "role": "user",
        "content": question.content,
        "status": "complete",
        "model": None,
        "size_tokens": question.size,
        "extra": noted(question.files) if question.files else None,
        "created_at": now,
    }


def _answer(chat: TurnChat, parent_id: UUID | None, answer: NewAnswer, now: datetime) -> dict[str, object]:
    return {
        "id": answer.message_id,
        "chat_id": chat.id,
        "parent_id": parent_id,
        "role": "assistant",
        "content": "",
        "status": "generating",
        "model": answer.model,
        "size_tokens": 0,
        "extra": None,
        "created_at": now,
    }
